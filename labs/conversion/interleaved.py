"""Every place in which another may come between: an act stops after each of its questions in turn, another does what it
does to its end, and the act goes on. What both are told, and all that is there then, must be what one of the two
orders gives, one after the other.

    python labs/conversion/interleaved.py [ACT …]

To find what it has found, name the act that stops. Who would have to wait for a lock goes on once the act has ended.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import attrs
from acts import ACTS, Act, pairs, world_in
from sqlalchemy import event

import crmkit
from crmkit import Busy, Conflict, Crm, Duplicate, Invalid, Refused
from crmkit.entities import ENTITIES, Record, Registry
from crmkit.stores.sql.store import SqlStore
from crmkit.stores.sql.unit import SqlUnit
from crmkit.testing.servers import SERVERS, Servers

__all__ = ["Explorer", "Told"]

_TEMPLATE: Final = "template"
_NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ROUNDS: Final = 4
_WAIT: Final = 0.02
"""How long the other one waits for what is locked, in seconds."""
_DULL: Final = ("name", "custom", "email", "employees", "recorded_by", "policy", "request")
_GENERATED: Final = re.compile(r"\b[A-Z]{1,2}\d+\b")
_ID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_TABLES: Final = re.compile(r"(?:FROM|JOIN|INTO|UPDATE) [`\"]?(?:\w+\.)?(\w+?)(?:_history)?\b", re.IGNORECASE)
_INSTANT: Final = re.compile(r"\b2026-\d\d-\d\d \d\d:\d\d:\d\d\S*")


class _BlockedError(Exception):
    """The other would have to wait for what the act has locked."""


class _Watched(SqlUnit):
    """A unit that lets another act after one of its questions."""

    watch: Callable[[str], None]

    def execute(self, text: str, values: Any = ()) -> Any:
        found = super().execute(text, values)
        self.watch(text)
        return found


class _WatchedStore(SqlStore):
    watch: Callable[[str], None] = staticmethod(lambda _: None)

    def begin(self, **asked: Any) -> SqlUnit:
        unit = super().begin(**asked)
        unit.__class__ = _Watched
        unit.watch = self._watched  # type: ignore[attr-defined]
        return unit

    def _watched(self, text: str) -> None:
        self.watch(text)


@attrs.frozen
class Told:
    """What came of two acts: what each was told, and the end, in words that are the same in every order."""

    first: Any
    second: Any
    end: Any


class Explorer:
    """Runs acts on copies of a world, in one database: each copy is a tenant of its own."""

    def __init__(self, url: str) -> None:
        registry = Registry(ENTITIES)
        self.store = _WatchedStore.from_url(url, registry)
        self.beside = SqlStore.from_url(url, registry, timeout=_WAIT)
        _impatient(self.beside)
        crm = crmkit.connect(self.store, tenant=_TEMPLATE, user="maker", clock=lambda: _NOW)
        self._settings = crm.settings
        self.world = world_in(crm)
        self._kinds = [
            spec.cls for spec in registry.specs if spec.about.family != "code" and self._are_there(crm, spec.cls)
        ]
        ids = dict.fromkeys(past.record.id for past in self._states(_TEMPLATE))
        self._known = {id: f"<{place}>" for place, id in enumerate(ids)}
        self._alone: dict[str, tuple[list[str], set[str]]] = {}
        self._copied = self._filled()
        self.copies = 0
        self._serial: dict[tuple[str, str], Told] = {}

    def close(self) -> None:
        """Let go of the connections."""
        self.store.close()
        self.beside.close()

    def crm(self, store: SqlStore, tenant: str, user: str) -> Crm:
        """The CRM of a tenant, for a user; it does not sleep."""
        crm = Crm(store, attrs.evolve(self._settings, tenant=tenant, user=user))
        crm.pause = lambda _: None
        return crm

    def faults(self, first: Act, second: Act) -> Iterator[str]:
        """Where the second may come between, and what both are told, or the end, is that of no order."""
        orders = (self.serial(first, second), self.serial(second, first, turned=True))
        found: dict[str, list[str]] = {}
        for place in self.places(first, second):
            met = self.between(first, second, place)
            if met is not None and met[0] not in orders and not _to_look_again(first, met[0], orders[1]):
                found.setdefault(_differing(met[0], orders), []).append(met[1])
        for said, places in found.items():
            yield f"{first.name} < {second.name}, after {', '.join(places)}: {said}"

    def places(self, first: Act, second: Act) -> list[int]:
        """After which of the first one's questions it makes a difference that the second one acts."""
        asked, changed = self.alone(first)[0], self.alone(second)[1]
        return (
            [
                place
                for place, text in enumerate(asked, 1)
                if text.startswith("RELEASE") or not changed.isdisjoint(_TABLES.findall(text))
            ]
            if changed
            else []
        )

    def alone(self, act: Act) -> tuple[list[str], set[str]]:
        """What an act asks, and the tables that it changes, where nobody comes between."""
        if act.name not in self._alone:
            tenant, asked = self._copy(), list[str]()
            self.store.watch = asked.append
            try:
                _told(act, self.crm(self.store, tenant, act.name), self.world)
            finally:
                self.store.watch = lambda _: None
            before, after = self._states(_TEMPLATE), self._states(tenant)
            changed = {one.record.spec.about.table for one in {*before} ^ {*after}}
            self._alone[act.name] = asked, changed
        return self._alone[act.name]

    def _states(self, tenant: str) -> list[Any]:
        with self.crm(self.store, tenant, "judge").begin(read_only=True) as work:
            unit: Any = work.unit
            return [past for kind in self._kinds for past in unit.states(kind)]

    def serial(self, first: Act, second: Act, *, turned: bool = False) -> Told:
        """What comes of one after the other; `turned`, the second act's words come first."""
        key = (first.name, second.name)
        if key not in self._serial:
            tenant = self._copy()
            told = [_told(act, self.crm(self.store, tenant, f"{act.name}"), self.world) for act in (first, second)]
            self._serial[key] = self._words(tenant, told)
        found = self._serial[key]
        return attrs.evolve(found, first=found.second, second=found.first) if turned else found

    def between(self, first: Act, second: Act, place: int) -> tuple[Told, str] | None:
        """What comes of it where the second acts after the first one's question of that number; None past the last."""
        tenant = self._copy()
        crm, other = self.crm(self.store, tenant, first.name), self.crm(self.beside, tenant, second.name)
        other.pause = _give_up
        asked, heard, said = 0, list[Any](), ""

        def watch(_: str) -> None:
            nonlocal asked, said
            asked += 1
            if asked == place:
                try:
                    heard.append(_told(second, other, self.world))
                except _BlockedError:
                    said = " (blocked)"

        self.store.watch = watch
        try:
            told = _told(first, crm, self.world)
        finally:
            self.store.watch = lambda _: None
        if asked < place or (said and second.several):
            return None
        if not heard:
            other.pause = lambda _: None
            heard.append(_told(second, other, self.world))
        return self._words(tenant, [told, *heard]), f"{place}{said}"

    @staticmethod
    def _are_there(crm: Crm, kind: type[Record]) -> bool:
        with crm.begin(read_only=True) as work:
            unit: Any = work.unit
            return next(unit.states(kind), None) is not None

    def _filled(self) -> list[str]:
        """How the tables with rows of the world are copied, in the order in which they can be filled."""
        connection = self.store.take()
        found = []
        try:
            cursor = connection.cursor()
            for table in self.store.schema.metadata.sorted_tables:
                if "tenant_id" not in table.c:
                    continue
                name = self.store.profile.quoted(self.store.schema.named(table.name))
                cursor.execute(f"SELECT COUNT(*) FROM {name} WHERE tenant_id = '{_TEMPLATE}'")  # noqa: S608
                if cursor.fetchone()[0]:
                    columns = [one.name for one in table.c if one.name != "tenant_id" and one.computed is None]
                    names = self.store.profile.quoted(", ".join(f'"{one}"' for one in columns))
                    found.append(
                        f"INSERT INTO {name} (tenant_id, {names}) "  # noqa: S608
                        f"SELECT %s, {names} FROM {name} WHERE tenant_id = '{_TEMPLATE}'"
                    )
        finally:
            self.store.give_back(connection)
        return found

    def _copy(self) -> str:
        """Another tenant with the world in it."""
        self.copies += 1
        tenant = f"copy {self.copies}"
        connection = self.store.take()
        try:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            for statement in self._copied:
                cursor.execute(statement, (tenant,))
            cursor.execute("COMMIT")
        finally:
            self.store.give_back(connection)
        return tenant

    # In words

    def _words(self, tenant: str, told: list[Any]) -> Told:
        states = self._states(tenant)
        names = dict(self._known)
        for _ in range(_ROUNDS):
            words = _Words(names)
            found: dict[UUID, list[Any]] = {}
            for past in states:
                if past.record.id not in self._known:
                    found.setdefault(past.record.id, []).append(words.of(past))
            names |= {id: f"<{hash(repr(sorted(of_one, key=repr)))}>" for id, of_one in found.items()}
        words = _Words(names)
        end = sorted((words.of(past) for past in states), key=repr)
        return Told(words.of(told[0]), words.of(told[1]), end)


class _Words:
    """Values in words that are the same in every order: without instants, ids and numbers that were given."""

    def __init__(self, names: Mapping[UUID, str]) -> None:
        self.names = names

    def of(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return self.names.get(value, "<?>")
        if isinstance(value, datetime):
            return "<at>"
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Exception):
            return self._error(value)
        if isinstance(value, Mapping):
            return sorted(((self.of(key), self.of(one)) for key, one in value.items()), key=repr)
        if isinstance(value, list | tuple):
            of_each = [self.of(one) for one in value]
            return sorted(of_each, key=repr) if of_each and all(isinstance(one, str) for one in of_each) else of_each
        if isinstance(value, Record):
            return [type(value).__name__, *((one.name, self.of(getattr(value, one.name))) for one in value.spec.fields)]
        if attrs.has(type(value)):
            return [type(value).__name__, *(self.of(getattr(value, one.name)) for one in attrs.fields(type(value)))]
        return repr(value)

    def _text(self, text: str) -> str:
        text = _ID.sub(lambda found: self.names.get(UUID(found[0]), "<?>"), text)
        return _INSTANT.sub("<at>", _GENERATED.sub("<number>", text))

    def _error(self, error: Exception) -> Any:
        match error:
            case Refused():
                said: Any = sorted((one.code, one.field) for one in error.findings)
            case Invalid():
                said = sorted((one.field, self._text(one.message)) for one in error.faults)
            case Conflict():
                said = (error.kind, self.of(error.id))
            case Duplicate():
                said = (error.kind, error.field)
            case _:
                said = self._text(str(error))
        return (type(error).__name__, said)


def _told(act: Act, crm: Crm, world: Any) -> Any:
    try:
        return act.do(crm, world)
    except _BlockedError:
        raise
    except Busy as busy:  # of a block, which nobody runs again by itself
        crm.pause(0.0)
        return busy
    except Exception as error:  # noqa: BLE001 - what is none of crmkit's is in no order
        return error


def _give_up(_: float) -> None:
    raise _BlockedError


def _impatient(store: SqlStore) -> None:
    """Its connections do not wait for locks: MariaDB's own setting has no less than a second."""
    if store.profile.name != "MariaDB":
        return

    @event.listens_for(store.engine, "connect")
    def _(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SET SESSION innodb_lock_wait_timeout = 0")
        cursor.close()


def _to_look_again(act: Act, told: Told, order: Told) -> bool:
    """Whether the act, which is refused after the other, is told what it says of who was faster instead of why."""
    if not (_is_error(told.first) and _is_error(order.first) and told.first[0] in act.may_tell):
        return False
    return (told.second, told.end) == (order.second, order.end)


def _is_error(words: Any) -> bool:
    return isinstance(words, tuple)


def _differing(told: Told, orders: tuple[Told, Told]) -> str:
    """What is said, against each order."""
    lines = []
    for order, what in zip(orders, ("one, other", "other, one"), strict=True):
        found = [
            f"{name}: {_short(getattr(told, name))} instead of {_short(getattr(order, name))}"
            for name in ("first", "second")
            if getattr(told, name) != getattr(order, name)
        ]
        if told.end != order.end:
            more = [_short(one) for one in told.end if one not in order.end]
            less = [_short(one) for one in order.end if one not in told.end]
            found.append(f"end: {' '.join(more)[:600]} instead of {' '.join(less)[:600]}")
        lines.append(f"\n    ({what}) " + "; ".join(found))
    return "".join(lines)


def _short(words: Any) -> str:
    """An error as it is; of all else what is filled."""
    if _is_error(words) or not isinstance(words, list):
        return str(words)
    told = [
        str(one)
        if not isinstance(one, tuple | list)
        else f"{one[0]}={_short(one[1])}"
        if isinstance(one, tuple)
        else _short(one)
        for one in words
        if not (isinstance(one, tuple) and (one[0] in _DULL or one[1] in ("", "None", [], "<at>")))
    ]
    return f"[{', '.join(told)}]"


def main() -> None:
    """Explore, on each server, the pairs of the acts that are named, or all. Ends with 0 where nothing was found."""
    named, begun, found = sys.argv[1:], time.monotonic(), 0
    if unknown := sorted(set(named) - ACTS.keys()):
        raise SystemExit(f"no acts: {', '.join(unknown)}; there are {', '.join(ACTS)}")
    servers = Servers(f"lab_interleaved_{os.getpid()}")
    try:
        for server in SERVERS:
            explorer = Explorer(servers.url(server, fresh=True))
            for one, other in pairs():
                for line in explorer.faults(one, other) if not named or one.name in named else ():
                    found += 1
                    print(f"{server}: {line}", flush=True)
            explorer.close()
            print(f"{time.monotonic() - begun:6.1f} s  {server}: {explorer.copies} worlds, {found} faults", flush=True)
    finally:
        servers.close()
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
