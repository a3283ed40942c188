"""All of a tenant from one store to another: directly and by a file, with its history, and nothing else or nothing."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import Crm, Order, Prospect, Refused, StoreError, Territory, UnknownFormat
from crmkit.__main__ import main
from crmkit.entities import ENTITIES
from crmkit.stores.sql.unit import SqlUnit
from crmkit.testing.records import World

ROUND = ("memory", "sqlite", "postgresql", "mariadb", "memory")
HOSTILE = ["Robert'); DROP TABLE account;--", "=1+1", "\u202etxet", "é😀\r\n\t", '"\\{}', "\u2028", "%s ? $1 :x"]


@pytest.fixture
def crm(open_crm: Callable[..., Crm], clock: Any) -> Crm:
    """A CRM with every kind of record, and a past: conversions, undone and not, edits, deletions, hostile texts."""
    made = open_crm("memory", starter=None)
    world = World(made.registry)
    for kind in ENTITIES:
        world.make(kind, full=True)
    unit = made.store.begin(tenant=made.settings.tenant, clock=clock)
    unit.apply(crmkit.Changes(creates=world.made), by="importer")
    unit.commit()
    clock.tick()
    top = made.territories.add(Territory(description="top"))
    below = made.territories.add(Territory(description="below", parent=top.id))
    clock.tick()
    above = made.territories.add(Territory(description="above all"))
    made.territories.update(top, parent=above.id)
    made.territories.update(below, description="far below")
    for text in HOSTILE:
        clock.tick()
        prospect = made.prospects.add(Prospect(name=f"n{text}", notes=text, custom={"text": text, "rate": 2}))
        noted = made.prospects.update(prospect, notes=text + text)
        clock.tick()
        receipt = made.conversion.convert(noted.id)
        clock.tick()
        made.conversion.undo(receipt.id)
    gone = made.prospects.add(Prospect(name="gone"))
    clock.tick()
    made.prospects.delete(gone)
    kept = made.prospects.add(Prospect(name="to be undone elsewhere"))
    made.conversion.convert(kept.id)
    clock.tick(timedelta(minutes=10))
    return made


@pytest.fixture
def instants(clock: Any, crm: Crm) -> list[Any]:
    """Instants of the past and the present."""
    return [clock() - timedelta(minutes=10, seconds=back) for back in (20, 15, 4, 0)] + [clock()]


def test_from_store_to_store_and_back_nothing_changes(
    crm: Crm, open_crm: Callable[..., Crm], everything: Any, instants: list[Any]
) -> None:
    """Through all four: every record with its history, every answer about the past, the next numbers, and an undo."""
    source = crm
    for name in ROUND:
        target = open_crm(name, starter=None)
        moved = source.copy_to(target)
        assert moved.total > 100
        assert everything(target) == everything(crm)
        for instant in instants:
            for plural in ("prospects", "customers", "territories", "contact_emails"):
                then = crm.as_of(instant).repository(plural).find()
                assert target.as_of(instant).repository(plural).find() == then
        source = target
    numbers = [one.prospects.add(Prospect(name="next")).number for one in (crm, source)]
    assert numbers[0] == numbers[1]
    (receipt,) = [one for one in source.conversions.find() if one.undone_at is None]
    assert source.conversion.undo(receipt.id).name == "to be undone elsewhere"


@pytest.mark.parametrize("name", ["dump.jsonl", "dump.jsonl.gz"])
@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql", "mariadb"])
def test_by_way_of_a_file_nothing_changes(
    crm: Crm, open_crm: Callable[..., Crm], everything: Any, tmp_path: Path, store: str, name: str
) -> None:
    """A file, loaded, is dumped as the same file."""
    first, second = tmp_path / name, tmp_path / f"again-{name}"
    dumped = crm.dump(first)
    other = open_crm(store, starter=None)
    assert other.load(first) == dumped
    assert everything(other) == everything(crm)
    other.dump(second)
    assert read(second)[1:-1] == read(first)[1:-1]
    assert [one.name for one in tmp_path.iterdir() if "unfinished" in one.name] == []


def read(path: Path) -> list[str]:
    """The lines of a dump."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return text.decode().split("\n")[:-1]


def test_a_store_with_records_is_not_written_into(crm: Crm, open_crm: Callable[..., Crm], tmp_path: Path) -> None:
    """The refusal says what there is, and what helps."""
    crm.dump(tmp_path / "dump.jsonl")
    other = open_crm("sqlite")
    with pytest.raises(Refused, match=r"starter=None.*stages"):
        crm.copy_to(other)
    with pytest.raises(Refused, match=r"starter=None"):
        other.load(tmp_path / "dump.jsonl")
    assert other.prospects.count() == 0


def broken(lines: list[str]) -> dict[str, list[str]]:
    """A dump, spoilt in several ways."""
    header, end = json.loads(lines[0]), json.loads(lines[-1])
    return {
        "empty": [],
        "something else": ["Name;City", "Acme;Gijón"],
        "another JSON": ["[1, 2]"],
        "newer": [json.dumps({**header, "version": 99}), *lines[1:]],
        "cut short": lines[:-1],
        "cut in a line": [*lines[:-2], lines[-2][:20]],
        "a line less": [*lines[:2], *lines[3:]],
        "a line twice": [*lines[:40], *lines[39:]],
        "a digest changed": [*lines[:-1], lines[-1].replace('"sha256":"', '"sha256":"0')],
        "altered": [line.replace("to be undone elsewhere", "altered") for line in lines],
        "lines behind the end": [*lines, lines[1]],
        "counted wrongly": [*lines[:-1], json.dumps({**end, "end": {}})],
        "of an unknown kind": [lines[0], json.dumps({"kind": "spaceships", "record": {}}), *lines[1:]],
        "with an unknown field": [lines[0], json.dumps({"kind": "items", "record": {"colour": "red"}}), *lines[1:]],
    }


@pytest.mark.parametrize("how", sorted(broken(["{}", "{}"])))
def test_a_file_that_is_not_as_it_was_written_is_refused(
    crm: Crm, open_crm: Callable[..., Crm], tmp_path: Path, how: str
) -> None:
    """And nothing of it is taken."""
    path = tmp_path / "dump.jsonl"
    crm.dump(path)
    path.write_bytes("".join(f"{line}\n" for line in broken(read(path))[how]).encode())
    for store in ("memory", "sqlite"):
        other = open_crm(store, starter=None)
        with pytest.raises((UnknownFormat, StoreError, crmkit.Duplicate, crmkit.Invalid)):
            other.load(path)
        assert sum(other.repository(spec.about.plural).count() for spec in other.registry.specs) == 0


def test_a_compressed_file_that_is_cut_is_refused(crm: Crm, open_crm: Callable[..., Crm], tmp_path: Path) -> None:
    """Wherever it is cut."""
    path = tmp_path / "dump.jsonl.gz"
    crm.dump(path)
    whole = path.read_bytes()
    for length in (0, 1, 2, 15, len(whole) // 2, len(whole) - 4):
        path.write_bytes(whole[:length])
        with pytest.raises(UnknownFormat):
            open_crm("memory", starter=None).load(path)


def test_a_copy_that_would_differ_is_not_made(crm: Crm, open_crm: Callable[..., Crm], monkeypatch: Any) -> None:
    """A store that loses a state on the way is found out before anything lasts."""
    other = open_crm("sqlite", starter=None)
    keep = SqlUnit.keep
    monkeypatch.setattr(SqlUnit, "keep", lambda unit, states: keep(unit, [one for one in states if not one.deleted]))
    with pytest.raises(StoreError, match="differs"):
        crm.copy_to(other)
    assert other.prospects.count() == 0


def test_a_view_of_the_past_is_not_copied(crm: Crm, open_crm: Callable[..., Crm], clock: Any) -> None:
    """The history goes along anyway."""
    with pytest.raises(StoreError, match="past"):
        crm.as_of(clock()).copy_to(open_crm("memory", starter=None))


EDITS = st.lists(st.tuples(st.sampled_from(["add", "edit", "convert", "undo", "delete", "order"]), st.integers(0, 9)))


@given(edits=EDITS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_done_is_moved(
    open_crm: Callable[..., Crm], everything: Any, clock: Any, edits: list[tuple[str, int]]
) -> None:
    """Any history, from memory to SQLite."""
    source = open_crm("memory")
    for verb, number in edits:
        clock.tick()
        held: Any = source.repository("accounts").find(sort="recorded_at")
        one: Any = held[number % len(held)] if held else None
        receipts = source.conversions.find()
        try:
            if verb == "add" or one is None:
                source.prospects.add(Prospect(name=f"P{number}"))
            elif verb == "edit":
                source.repository(type(one)).update(one, notes=f"{number}")
            elif verb == "convert":
                source.conversion.convert(one.id)
            elif verb == "undo" and receipts:
                source.conversion.undo(receipts[number % len(receipts)].id)
            elif verb == "order":
                source.orders.add(Order(customer=one.id))
            elif verb == "delete":
                source.repository(type(one)).delete(one)
        except crmkit.CrmkitError:
            continue
    target = open_crm("sqlite", starter=None)
    source.copy_to(target)
    assert everything(target) == everything(source)


def test_by_command(crm: Crm, tmp_path: Path, capsys: Any, everything: Any) -> None:
    """`python -m crmkit dump` and `load`; what cannot be done is said, and the exit status is 1."""
    first, second, file = f"sqlite:///{tmp_path}/1.db", f"sqlite:///{tmp_path}/2.db", str(tmp_path / "all.jsonl.gz")
    with crmkit.connect(first, starter=None) as one:
        crm.copy_to(one)
    assert main(["dump", first, file]) == 0
    assert main(["load", second, file]) == 0
    assert main(["load", second, file]) == 1
    assert "starter=None" in capsys.readouterr().err
    with crmkit.connect(second, starter=None) as other:
        assert everything(other) == everything(crm)
