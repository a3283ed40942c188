"""The repository of an entity: what every kind of record can be asked and told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import attrs

from crmkit.app.arguments import asking_faults, several
from crmkit.app.page import Page
from crmkit.app.scope import Scope, repeated
from crmkit.app.tombstones import gone
from crmkit.changes import Changes, Update
from crmkit.entities import NIL, Record, evolve
from crmkit.entities.collecting import without_collecting
from crmkit.entities.record import BOOKKEEPING, stamped
from crmkit.entities.text import with_article
from crmkit.errors import Conflict, CrmkitError, Fault, Invalid, NotFound, StoreError
from crmkit.queries import Criterion, Cursor, Query, criteria
from crmkit.repositories.merged import survivor_of
from crmkit.repositories.parts import assembled_states, bare, parts_changed
from crmkit.repositories.store import Past

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Added", "Repository", "RowFault", "as_id"]

R = TypeVar("R", bound=Record)

_CHUNK = 500


@attrs.frozen
class RowFault:
    """Why a row was not taken: its number, counted from 1, and the error that it met."""

    row: int
    error: CrmkitError

    def __str__(self) -> str:
        return f"row {self.row}: {self.error}"


@attrs.frozen
class Added(Generic[R]):
    """What came of adding many: the records that were saved, and the faults of the rows that were not."""

    records: tuple[R, ...]
    faults: tuple[RowFault, ...]

    def __str__(self) -> str:
        return "\n".join([f"{len(self.records)} added, {len(self.faults)} not", *map(str, self.faults)])


def as_id(what: str, id: Any) -> UUID:
    """The id that is meant: a UUID, the text of one, or a saved record's. Raises NotFound on what cannot be an id."""
    if isinstance(id, UUID):
        return id
    if isinstance(id, Record):
        if id.id == NIL:
            raise NotFound(what, str(id) or id.spec.name, "it is not saved yet: add it first, then give it or its id")
        return id.id
    try:
        return UUID(id)
    except (ValueError, TypeError, AttributeError):
        raise NotFound(what, id, "an id is a UUID; look for a number with find(number=…)") from None


class Repository(Generic[R]):
    """All records of one kind, in one tenant.

    On `work` every call is part of that unit of work; on `crm` it is one of its own. A call either does
    everything it says or raises and changes nothing.
    """

    def __init__(self, scope: Scope, kind: type[R]) -> None:
        self._scope = scope
        self.kind = kind

    def __repr__(self) -> str:
        return f"<repository of {self.kind.spec.about.plural.replace('_', ' ')}>"

    # Reading

    def get(self, id: UUID) -> R:
        """The record with that id. Raises NotFound where there is none of this kind; Merged, which names the survivor,
        where it was merged into another.
        """
        with self._scope.reading(self.kind) as work:
            return self._there(work, id)

    def resolve(self, id: UUID) -> R:
        """The record with that id, or the one that it was merged into, through all merges. Raises NotFound where
        there is none of this kind.
        """
        with self._scope.reading() as work:
            wanted = as_id(self.kind.spec.name, id)
            found = work.read(self.kind, wanted)
            if found is not None:
                return found
            survivor = survivor_of(work.unit, self.kind.spec.about.table, wanted)
            return self._there(work, wanted if survivor is None else survivor)

    def get_many(self, ids: Iterable[UUID]) -> list[R]:
        """The records with those ids, in their order; ids without a record are left out, repeated ones once."""
        wanted = [as_id(self.kind.spec.name, id) for id in several("ids", ids)]
        with self._scope.reading(self.kind) as work:
            return work.read_many(list(work.unit.get_many(self.kind, wanted).values()))

    def find(
        self, *where: Criterion, sort: str = "", limit: int | None = None, after: Cursor | None = None, **asked: Any
    ) -> Page[R]:
        """The records for which everything asked holds; nothing asked: all of them.

        Words are fields or the entity's own criteria (`crm.opportunities.criteria`): `stage="proposal"`,
        `estimated_value=at_least(…)`, `salesperson=None` for those without one, a list for any of several.
        `sort` is a field, with a minus for descending; empty ones come last, ties go by id. Raises Invalid
        naming every word that is no criterion.
        """
        with self._scope.reading(self.kind) as work:
            return self._page(work, self._query(work, where, sort, limit, after, asked))

    def all(self, *where: Criterion, sort: str = "", **asked: Any) -> Iterator[R]:
        """As `find`, streamed: a few at a time, however many there are. The unit stays open until the end."""
        with self._scope.reading() as work:
            chunk: list[R] = []
            for record in work.unit.stream(self._query(work, where, sort, None, None, asked)):
                chunk.append(record)
                if len(chunk) >= _CHUNK:
                    yield from work.read_many(chunk)
                    chunk = []
            yield from work.read_many(chunk)

    def count(self, *where: Criterion, **asked: Any) -> int:
        """How many records there are for which everything asked holds."""
        with self._scope.reading(self.kind) as work:
            return work.unit.counts([self._query(work, where, "", None, None, asked)])[0]

    def history(self, record: R | UUID) -> list[Past[R]]:
        """Every saved state of a record, oldest first, the present one last, each with the parts (lines, e-mail
        addresses …) that it had when it ended: parts have states of their own. Raises NotFound if it never was.
        """
        id = as_id(self.kind.spec.name, record)
        with self._scope.reading() as work:
            found = work.unit.history(self.kind, id)
            if not found:
                raise NotFound(self.kind.spec.name, id)
            return assembled_states(work.unit, found)

    @property
    def criteria(self) -> list[str]:
        """The words that `find`, `all` and `count` understand."""
        from crmkit.queries import criterion_names  # noqa: PLC0415 - keeps the name free for this property

        return criterion_names(self.kind.spec)

    # Writing

    @repeated
    def add(self, record: R) -> R:
        """Save a new record with its parts, and return it as it was saved: with id, number, defaults and version.

        Raises Invalid, Duplicate, Refused, Vetoed.
        """
        with self._scope.writing() as work:
            return self._add(work, [self._new(record, work)])[0]

    @repeated
    def add_many(self, records: Iterable[R | Mapping[str, Any]]) -> Added[R]:
        """Save many new records, entities or dicts of their fields; rows that cannot be taken are reported, the
        others are saved.
        """
        held = list(several("records", records))
        with self._scope.writing() as work, without_collecting(len(held)):
            taken: list[tuple[int, R]] = []
            reported = _Reporting()
            for number, record in enumerate(held, 1):
                with reported(number):
                    taken.append((number, work.created(self._new(record, work))))
            saved: list[R] = []
            try:
                saved = self._saved(work, [record for _, record in taken])
            except StoreError:
                raise
            except CrmkitError:
                for number, record in taken:
                    with reported(number):
                        saved += self._saved(work, [record])
            return Added(tuple(saved), tuple(sorted(reported.faults, key=lambda fault: fault.row)))

    @repeated
    def update(self, record: R, **changes: Any) -> R:
        """Save a record that was read before, with these fields changed; returns it as it is now.

        Where nothing differs, nothing is written. Parts (lines, e-mails …) change where they are named, or edited
        in place; those that another has added since stay. Raises Conflict where the record was changed since
        it was read, NotFound, Invalid, Duplicate, Refused, Vetoed.
        """
        with self._scope.writing() as work:
            return self._update(work, record, changes)

    @repeated
    def delete(self, record: R | UUID) -> None:
        """Delete a record and what belongs to it; its history stays.

        Raises NotFound, Conflict where a record given was changed since it was read, and Refused, listing who
        refers to it.
        """
        with self._scope.writing() as work:
            current = self._there(work, record)
            if isinstance(record, Record) and current.version != record.version:
                raise Conflict(current.spec.name, current.id, record.version, current.version)
            work.write(work.deletion(current))

    # What the methods above are made of

    def _there(self, work: "Work", id: R | UUID) -> R:
        found = work.read(self.kind, as_id(self.kind.spec.name, id))
        if found is None:
            raise gone(work.unit, self.kind, as_id(self.kind.spec.name, id))
        return found

    def _query(
        self,
        work: "Work",
        where: tuple[Criterion, ...],
        sort: str,
        limit: int | None,
        after: Cursor | None,
        asked: Mapping[str, Any],
    ) -> Query[R]:
        spec = self.kind.spec
        faults = list(asking_faults(spec, where, sort, limit, after))
        if faults:
            raise Invalid(f"the query for {spec.about.plural.replace('_', ' ')}", faults)
        return Query(
            kind=self.kind,
            where=(*where, *criteria(spec, asked, work.asker)),
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            limit=limit,
            after=after,
        )

    def _page(self, work: "Work", query: Query[R]) -> Page[R]:
        records = work.read_many(work.unit.find(query))
        settled = work.crm.settled() if work.crm.settings.as_of else None
        kinds = [spec.cls for spec in work.unit.registry.served_by(self.kind)]
        return Page(query, records, self._next, settled, kinds)

    def _next(self, query: Query[R]) -> Page[R]:
        with self._scope.reading(self.kind) as work:
            return self._page(work, query)

    def _new(self, record: R | Mapping[str, Any], work: "Work") -> R:
        if isinstance(record, Mapping):
            from crmkit.exchange.plain import from_plain  # noqa: PLC0415 - cattrs is loaded on use

            record = from_plain(self.kind, record)
        if not isinstance(record, self.kind):
            raise Invalid(
                self.kind.spec.name,
                [Fault("", f"expected {with_article(self.kind.__name__)}, not {with_article(type(record).__name__)}")],
            )
        if record.version:
            raise Invalid(record.spec.name, [Fault("version", "is saved already: use update")])
        if type(record).spec not in work.unit.registry.specs:
            raise Invalid(
                record.spec.name, [Fault("", "is no entity of this application: hand it to connect(entities=…)")]
            )
        return record

    def _add(self, work: "Work", records: list[R]) -> list[R]:
        return self._saved(work, [work.created(record) for record in records])

    def _saved(self, work: "Work", records: list[R]) -> list[R]:
        if not records:
            return []
        made = work.write(Changes(creates=records))
        saved = {record.id: record for record in made.creates}
        return [saved[record.id] for record in records]  # type: ignore[misc]

    def _update(self, work: "Work", record: R, changes: Mapping[str, Any], verb: str = "updating") -> R:
        given: Any = record
        if not isinstance(given, Record):
            said = f"pass the {self.kind.spec.name} that was read before, not {with_article(type(given).__name__)}"
            raise Invalid(
                self.kind.spec.name, [Fault("record", f"{said}: update({self.kind.spec.about.plural}.get(id), …)")]
            )
        if record.id == NIL or not record.version:
            raise Invalid(record.spec.name, [Fault("version", "is not saved yet: use add")])
        kept = [name for name in BOOKKEEPING if name in changes and changes[name] != getattr(record, name)]
        if kept:
            raise Invalid(record.spec.name, [Fault(name, "is kept by the store and cannot be set") for name in kept])
        current = work.unit.get(self.kind, record.id)
        if current is None:
            raise gone(work.unit, self.kind, record.id)
        if current.version != record.version or type(current) is not type(record):
            raise Conflict(record.spec.name, record.id, record.version, current.version)
        after = work.settle(current, evolve(record, **changes) if changes else record, verb)
        made = Changes()
        stored = stamped(
            bare(after), {name: getattr(current, name) for name in ("version", "recorded_at", "recorded_by")}
        )
        if stored != current:
            made += Changes(updates=(Update(current, stored),))
        if record.spec.parts:
            made += self._parts(work, current, record, after, changes)
        if made:
            work.write(made)
        return self._there(work, record.id)

    def _parts(self, work: "Work", current: R, base: R, after: R, named: Iterable[str]) -> Changes:
        made = parts_changed(work.unit, current, base, after, named, work.new_id)
        updates = [Update(one.before, work.settle(one.before, one.after, "updating")) for one in made.updates]
        for part in made.deletes:
            work.refuse_if(f"deleting the {part.spec.name}", work.crm.rulebook.deleting(part, work.known))
        creates = [work.settle(None, part, "adding") for part in made.creates]
        return attrs.evolve(made, updates=updates, creates=creates)


class _Reporting:
    """What is wrong with a row is reported, and the next one follows; what is wrong with the store is not the row's
    fault. A class, since a generator's turns would show in ten thousand rows.
    """

    def __init__(self) -> None:
        self.row = 0
        self.faults: list[RowFault] = []

    def __call__(self, row: int) -> "_Reporting":
        self.row = row
        return self

    def __enter__(self) -> None:
        """Nothing is wrong yet."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, CrmkitError) and not isinstance(error, StoreError):
            self.faults.append(RowFault(self.row, error))
            return True
        return False
