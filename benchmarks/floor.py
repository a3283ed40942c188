"""The floor: what the questions cost with the bare driver, written by hand for crmkit's own tables and indexes.

It answers with the very same entities (the runs assert it) and leaves out all that a library is for: rules, defaults,
codes, events, history, errors in the domain's words. Entities are filled through a twin class, ids, days and
instants are made once, numbers are counted in Python, and nothing is looked up twice.
"""

import gc
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, SafeUUID

from crmkit import FrozenMap, Money, Opportunity, Percent
from crmkit.entities.twins import setter_of, twin_of

__all__ = ["COLUMNS", "TENANT", "builder", "get", "get_many", "insert", "opened", "page", "read_all"]

TENANT: Final = "default"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: Final[FrozenMap[Any]] = FrozenMap()

COLUMNS: Final = (
    "id, version, recorded_at, recorded_by, number, description, account, status, stage, source, lead, campaign, "
    "estimated_value, estimated_value_currency, probability, projected_close, closed_on, salesperson, territory, "
    "won_reason, lost_reason, forecast_category, next_step, follow_up_on, custom"
)
_ALL: Final = f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = ? ORDER BY id"  # noqa: S608 - our own names
_ONE: Final = f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = ? AND id = ?"  # noqa: S608
_PAGE: Final = (
    f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = ? AND projected_close IS NOT NULL "  # noqa: S608
    "AND (projected_close, id) > (?, ?) ORDER BY projected_close, id LIMIT ?"
)
_INSERT: Final = (
    "INSERT INTO opportunity (tenant_id, id, version, recorded_at, recorded_by, custom, number, number_key, "
    "description, description_key, account, status, stage, source, lead, campaign, estimated_value, "
    "estimated_value_currency, probability, projected_close, closed_on, salesperson, territory, won_reason, "
    "lost_reason, forecast_category, next_step, follow_up_on) "
    "VALUES (?, ?, 1, ?, '', NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def opened(path: Path) -> sqlite3.Connection:
    """A connection with the settings that crmkit's own connections have."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        connection.execute(f"PRAGMA {setting}").close()
    return connection


# Reading


def builder(day_of: Callable[[Any], date]) -> Callable[[Iterable[Any]], list[Opportunity]]:  # noqa: PLR0915 - one loop
    """The loop from rows to opportunities; what it needs are its own variables, which Python finds fastest.

    `day_of` makes a day of what the driver gives.
    """
    twin: Any = twin_of(Opportunity)
    new, entity, uuid, safe, money = object.__new__, Opportunity, UUID, SafeUUID.unknown, Money
    set_int, set_safe = setter_of(UUID, "int"), setter_of(UUID, "is_safe")
    set_minor, set_currency = setter_of(Money, "minor"), setter_of(Money, "currency")
    from_bytes, percent, nothing = int.from_bytes, Percent.of_basis_points, _NOTHING

    def build(rows: Iterable[Any]) -> list[Opportunity]:  # noqa: PLR0915
        found: list[Any] = []
        add = found.append
        ids: dict[Any, UUID | None] = {None: None}
        days: dict[Any, date | None] = {None: None}
        instants: dict[int, datetime] = {}
        shares: dict[Any, Percent | None] = {None: None}

        def id_of(value: bytes) -> UUID:
            made = new(uuid)
            set_int(made, from_bytes(value, "big"))
            set_safe(made, safe)
            ids[value] = made
            return made

        for (
            id_, version, at, by, number, description, account, status, stage, source, lead, campaign, minor,
            currency, share, close, closed, seller, territory, won, lost, category, step, follow, custom,
        ) in rows:  # fmt: skip
            one = new(twin)
            made = new(uuid)
            set_int(made, from_bytes(id_, "big"))
            set_safe(made, safe)
            one.id = made
            one.version = version
            try:
                one.recorded_at = instants[at]
            except KeyError:
                one.recorded_at = instants[at] = _EPOCH + timedelta(microseconds=at)
            one.recorded_by = by
            one.custom = nothing
            if custom is not None:
                raise ValueError("the generated opportunities have no custom fields")
            one.number = number
            one.description = description
            one.account = ids.get(account) or id_of(account)
            one.status = status or ""
            one.stage = stage or ""
            one.source = source or ""
            one.lead = None if lead is None else ids.get(lead) or id_of(lead)
            one.campaign = None if campaign is None else ids.get(campaign) or id_of(campaign)
            if minor is None:
                one.estimated_value = None
            else:
                value = new(money)
                set_minor(value, minor)
                set_currency(value, currency)
                one.estimated_value = value
            try:
                one.probability = shares[share]
            except KeyError:
                one.probability = shares[share] = percent(share)
            try:
                one.projected_close = days[close]
            except KeyError:
                one.projected_close = days[close] = day_of(close)
            try:
                one.closed_on = days[closed]
            except KeyError:
                one.closed_on = days[closed] = day_of(closed)
            one.salesperson = None if seller is None else ids.get(seller) or id_of(seller)
            one.territory = None if territory is None else ids.get(territory) or id_of(territory)
            one.won_reason = won or ""
            one.lost_reason = lost or ""
            one.forecast_category = category
            one.next_step = step
            try:
                one.follow_up_on = days[follow]
            except KeyError:
                one.follow_up_on = days[follow] = day_of(follow)
            one.__class__ = entity
            add(one)
        return found

    return build


_built: Final = builder(date.fromisoformat)


def read_all(connection: sqlite3.Connection) -> list[Opportunity]:
    """All opportunities, by id."""
    gc.disable()
    try:
        return _built(connection.execute(_ALL, (TENANT,)).fetchall())
    finally:
        gc.enable()


def get(cursor: sqlite3.Cursor, id: UUID) -> Opportunity:
    """The opportunity with that id."""
    return _built(cursor.execute(_ONE, (TENANT, id.bytes)).fetchall())[0]


def get_many(cursor: sqlite3.Cursor, ids: Sequence[UUID]) -> list[Opportunity]:
    """The opportunities with those ids, in their order."""
    marks = ", ".join("?" * len(ids))
    text = f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = ? AND id IN ({marks})"  # noqa: S608 - marks alone
    found = {one.id: one for one in _built(cursor.execute(text, (TENANT, *(id.bytes for id in ids))).fetchall())}
    return [found[id] for id in ids]


def page(cursor: sqlite3.Cursor, after: Opportunity, limit: int) -> list[Opportunity]:
    """So many opportunities, by projected close, that come behind that one."""
    if after.projected_close is None:
        raise ValueError("a page begins behind an opportunity with a projected close")
    place = (TENANT, after.projected_close.isoformat(), after.id.bytes, limit)
    return _built(cursor.execute(_PAGE, place).fetchall())


# Writing


def insert(
    connection: sqlite3.Connection, records: Sequence[Opportunity], new_id: Callable[[], UUID], now: datetime
) -> None:
    """Save opportunities that have no ids and numbers yet, and commit."""
    since = now - _EPOCH
    at = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    ids: dict[UUID, bytearray] = {}
    days: dict[date | None, str | None] = {None: None}

    def stored(id: UUID | None) -> bytearray | None:
        if id is None:
            return None
        found = ids.get(id)
        if found is None:
            found = ids[id] = bytearray(id.bytes)
        return found

    def day(value: date | None) -> str | None:
        found = days.get(value, "")
        if found == "":
            found = days[value] = value.isoformat() if value else None
        return found

    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    last = cursor.execute(
        "SELECT last FROM number_counter WHERE tenant_id = ? AND kind = 'opportunity.' AND scope = ''", (TENANT,)
    ).fetchone()
    count = last[0] if last else 0
    rows: list[tuple[Any, ...]] = []
    for one in records:
        count += 1
        value = one.estimated_value
        rows.append(
            (
                TENANT,
                bytearray(new_id().bytes),
                at,
                f"O{count:06d}",
                f"o{count:06d}",
                one.description,
                " ".join(one.description.lower().split()),
                stored(one.account),
                one.status or "open",
                one.stage or None,
                one.source or None,
                stored(one.lead),
                stored(one.campaign),
                value.minor if value else None,
                value.currency if value else None,
                one.probability.basis_points if one.probability is not None else None,
                day(one.projected_close),
                day(one.closed_on),
                stored(one.salesperson),
                stored(one.territory),
                one.won_reason or None,
                one.lost_reason or None,
                one.forecast_category,
                one.next_step,
                day(one.follow_up_on),
            )
        )
    cursor.executemany(_INSERT, rows)
    cursor.execute("INSERT OR REPLACE INTO number_counter VALUES (?, 'opportunity.', '', ?)", (TENANT, count))
    cursor.execute("COMMIT")
