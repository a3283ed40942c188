"""All of a tenant, with its whole history, into another store: directly, or by way of a file."""

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import attrs

from crmkit.entities import FrozenMap, Record, Spec
from crmkit.errors import Fault, Finding, Invalid, Refused, StoreError
from crmkit.exchange.paths import as_path, new_file
from crmkit.queries import Query
from crmkit.repositories.store import Movable, Past, StoreUnit

if TYPE_CHECKING:
    from crmkit.app.crm import Crm

__all__ = ["Moved", "copy", "dump", "load"]

_BATCH: Final = 1_000


@attrs.frozen
class Moved:
    """What was moved: by repository, how many saved states, past ones included; and how many counters of numbers."""

    states: FrozenMap[int]
    counters: int

    @property
    def total(self) -> int:
        """All states together."""
        return sum(self.states.values())

    def __str__(self) -> str:
        listed = ", ".join(f"{count} {plural.replace('_', ' ')}" for plural, count in self.states.items())
        return f"{self.total} states of records ({listed or 'none'}), {self.counters} counters"


def copy(source: "Crm", target: "Crm") -> Moved:
    """See `Crm.copy_to`."""
    _refuse_past(source)
    with source.begin(read_only=True) as reading, target.begin() as writing:
        there, here = _movable(reading.unit), _movable(writing.unit)
        _refuse_unless_empty(target, writing.unit)
        specs = source.registry.specs
        counts = {spec.about.plural: _kept(here, spec, there.states(spec.cls)) for spec in specs}
        counters = there.counters()
        here.keep_counters(counters)
        for spec in specs:
            _compare(spec, there.states(spec.cls), here.states(spec.cls))
        if here.counters() != counters:
            raise StoreError("the counters of numbers are not what they were: nothing was copied")
    return Moved(FrozenMap({plural: count for plural, count in counts.items() if count}), len(counters))


def dump(source: "Crm", path: "str | PathLike[str]") -> Moved:
    """See `Crm.dump`."""
    from crmkit.exchange.dump import Counter, write_dump  # noqa: PLC0415 - cattrs is loaded on use

    _refuse_past(source)
    new_file(path)
    with source.begin(read_only=True) as reading:
        unit = _movable(reading.unit)
        counters = unit.counters()

        def items() -> Iterator[Any]:
            for spec in source.registry.specs:
                yield from unit.states(spec.cls)
            yield from (Counter(kind, scope, last) for (kind, scope), last in sorted(counters.items()))

        counts = write_dump(path, source.settings.tenant, source.now(), items())
    return Moved(FrozenMap(counts), len(counters))


def load(target: "Crm", path: "str | PathLike[str]") -> Moved:
    """See `Crm.load`."""
    from crmkit.exchange.dump import Counter, read_dump  # noqa: PLC0415 - cattrs is loaded on use

    if not as_path(path).exists() or as_path(path).is_dir():
        raise Invalid("the file", [Fault("path", f"there is no file {as_path(path)}: name one that dump has written")])
    with target.begin() as writing:
        unit = _movable(writing.unit)
        _refuse_unless_empty(target, writing.unit)
        counts: dict[str, int] = {}
        counters: dict[tuple[str, str], int] = {}

        def states() -> Iterator[Past[Any]]:
            for item in read_dump(path, target.registry):
                if isinstance(item, Counter):
                    counters[item.kind, item.scope] = item.last
                else:
                    yield item

        for spec, held in _by_entity(states()):
            counts[spec.about.plural] = counts.get(spec.about.plural, 0) + _kept(unit, spec, held)
        unit.keep_counters(counters)
    return Moved(FrozenMap(counts), len(counters))


def _refuse_past(source: "Crm") -> None:
    if source.settings.as_of is not None:
        raise StoreError("a view of the past cannot be copied: copy the present, its history goes along")


def _movable(unit: StoreUnit) -> Movable:
    if not isinstance(unit, Movable):
        raise StoreError(f"{type(unit).__name__} cannot give or take whole histories")
    return unit


def _refuse_unless_empty(target: "Crm", unit: StoreUnit) -> None:
    specs = target.registry.specs
    held = unit.counts([Query(kind=spec.cls) for spec in specs])
    found = [
        Finding("not-empty", f"there are {count} {spec.about.plural.replace('_', ' ')}", spec.about.plural)
        for spec, count in zip(specs, held, strict=True)
        if count
    ]
    if found:
        said = "is to be empty: hand in a new database or tenant, opened with starter=None"
        raise Refused("the move", [Finding("not-empty", said, "target"), *found])


def _kept(unit: Movable, spec: Spec, states: Iterator[Past[Any]]) -> int:
    """Have the states kept, a batch at a time; those of a tree at once, since what is above may come later."""
    tree = any(field.references and spec.about.table in field.references.tables for field in spec.fields)
    kept = 0
    while batch := list(states if tree else islice(states, _BATCH)):
        unit.keep(batch)
        kept += len(batch)
    return kept


def _by_entity(states: Iterable[Past[Any]]) -> Iterator[tuple[Spec, Iterator[Past[Any]]]]:
    """The states in runs of one entity, each to be read to its end before the next."""
    held = iter(states)
    ahead = list(islice(held, 1))

    def run(kind: type[Record]) -> Iterator[Past[Any]]:
        while ahead and type(ahead[0].record) is kind:
            yield ahead.pop()
            ahead.extend(islice(held, 1))

    while ahead:
        kind = type(ahead[0].record)
        yield kind.spec, run(kind)


def _compare(spec: Spec, there: Iterator[Past[Any]], here: Iterator[Past[Any]]) -> None:
    for one, other in zip_longest(there, here):
        if one != other:
            plural = spec.about.plural.replace("_", " ")
            raise StoreError(f"the copy of the {plural} differs, nothing was copied: {one} came out as {other}")
