"""The floor of the conversion: what a good developer writes with the bare driver on crmkit's own tables and indexes.

One by one: nine statements that make a new customer, re-point what hangs from the prospect to it and delete the
prospect, with neither plan nor receipt nor trace nor history. In bulk: set-based statements that leave the account its
id, count, match, and write trace and history.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import MetaData, make_url

from benchmarks.floor import TENANT
from benchmarks.floor import opened as opened_sqlite

__all__ = ["ByHand", "by_hand"]

_HANGING: Final = {
    "leads": ("lead", "account"),
    "opportunities": ("opportunity", "account"),
    "estimates": ("estimate", "account"),
    "contact_accounts": ("contact_account", "account"),
    "interactions": ("interaction", "subject"),
    "team_assignments": ("team_assignment", "target"),
    "notes": ("note", "target"),
}
_ALSO: Final = {"interaction": "subject_account", "team_assignment": "target_account"}
_OF_A_PROSPECT: Final = ("prospect_number", "prospect_number_key")


class ByHand:
    """Statements by hand on one connection, which stays open, in autocommit with transactions of its own."""

    begin: ClassVar[str] = "BEGIN"
    mark: ClassVar[str] = "%s"

    def __init__(self, url: str, metadata: MetaData) -> None:
        self.connection = self.opened(url)
        self.cursor = self.connection.cursor()
        columns = [column.name for column in metadata.tables["account"].columns]
        self._customer = self._text(_customer(columns))
        self._repoint = [self._text(_repointing(table, field)) for table, field in _HANGING.values()]
        self._gone = self._text("DELETE FROM account WHERE tenant_id = ? AND kind = 'prospect' AND id = ?")
        self._history = self._text(_history(columns, self.chosen))
        self._counts = self._text(_counts(self.chosen))
        self._matched = [name for name in columns if name.endswith("_match")]
        self._matches = self._text(_matches(self.chosen, self._matched))

    chosen: ClassVar[str]
    """The prospects of a bulk, with the number that each gets as a customer: a FROM item `v` (id, number)."""

    def opened(self, url: str) -> Any:
        """A connection."""
        raise NotImplementedError

    def bound(self, ids: Sequence[UUID], numbers: Sequence[str]) -> tuple[Any, ...]:
        """What `chosen` is bound to."""
        raise NotImplementedError

    def id(self, id: UUID) -> Any:
        """An id as the driver takes it."""
        return id.bytes

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def _text(self, statement: str) -> str:
        return statement.replace("?", self.mark)

    def convert(self, prospect: UUID, customer: UUID, number: str, at: int) -> None:
        """Make a customer of a prospect by nine statements: a new customer, all re-pointed to it, the prospect gone."""
        execute, old, new = self.cursor.execute, self.id(prospect), self.id(customer)
        execute(self.begin)
        execute(self._customer, (new, at, number, number.lower(), TENANT, old))
        for (table, _), statement in zip(_HANGING.values(), self._repoint, strict=True):
            execute(statement, (new, new, TENANT, old) if table in _ALSO else (new, TENANT, old))
        execute(self._gone, (TENANT, old))
        execute("COMMIT")

    def convert_many(self, ids: Sequence[UUID], numbers: Sequence[str], at: int, new_id: Callable[[], UUID]) -> Any:
        """Make customers of prospects, in one transaction: history, trace, and the account changed in place. Gives, by
        prospect, what hangs from it and the customers that are like it.
        """
        execute, chosen = self.cursor.execute, self.bound(ids, numbers)
        execute(self.begin)
        self._choose(ids, numbers)
        execute(self._counts, self._several(chosen, len(_HANGING)))
        counts: dict[Any, dict[str, int]] = defaultdict(dict)
        for plural, account, count in self.cursor.fetchall():
            counts[account][plural] = count
        execute(self._matches, self._several(chosen, len(self._matched)))
        matches = self.cursor.fetchall()
        execute(self._history, (*chosen, at, TENANT))
        self._trace(
            [
                (TENANT, self.id(new_id()), at, f"V{number}", f"v{number}", self.id(id), number, json.dumps(found), at)
                for id, number in zip(ids, numbers, strict=True)
                if (found := counts[self.key(id)]) is not None
            ]
        )
        execute(self._text(self.becoming), (*self.before(chosen), at, TENANT))
        execute("COMMIT")
        return counts, matches

    becoming: ClassVar[str]
    """The statement that makes customers of the prospects chosen."""

    def before(self, chosen: tuple[Any, ...]) -> tuple[Any, ...]:
        """What of the values of `becoming` comes before the instant."""
        return chosen

    def key(self, id: UUID) -> Any:
        """An id as the driver gives it."""
        return id.bytes

    def _choose(self, ids: Sequence[UUID], numbers: Sequence[str]) -> None:
        """Have the prospects at hand, where they are not bound."""

    def _several(self, chosen: tuple[Any, ...], times: int) -> tuple[Any, ...]:
        return (*chosen, TENANT) * times

    def _trace(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self.cursor.executemany(self._text(_TRACE), rows)


_TRACE: Final = (
    "INSERT INTO conversion (tenant_id, id, version, recorded_at, recorded_by, number, number_key, account, "
    "prospect_number, customer_number, customer_version, carried, policy, request_key, request, converted_by, "
    "converted_at, undone_by) VALUES (?, ?, 1, ?, '', ?, ?, ?, '', ?, 2, ?, '', '', '', '', ?, '')"
)


def _customer(columns: Sequence[str]) -> str:
    given = {
        "kind": "'customer'",
        "id": "?",
        "version": "1",
        "recorded_at": "?",
        "customer_number": "?",
        "customer_number_key": "?",
        "credit_hold": "0",
    }
    kept = [name for name in columns if name not in _OF_A_PROSPECT]
    first = [name for name in kept if name not in given]
    names = ["id", "recorded_at", "customer_number", "customer_number_key", "kind", "version", "credit_hold", *first]
    values = ", ".join(given.get(name, name) for name in names)
    return (
        f"INSERT INTO account ({', '.join(names)}) SELECT {values} FROM account "  # noqa: S608 - our own names
        "WHERE tenant_id = ? AND kind = 'prospect' AND id = ?"
    )


def _repointing(table: str, field: str) -> str:
    sets = f"{field} = ?" + (f", {_ALSO[table]} = ?" if table in _ALSO else "")
    return f"UPDATE {table} SET {sets} WHERE tenant_id = ? AND {field} = ?"  # noqa: S608 - our own names


def _history(columns: Sequence[str], chosen: str) -> str:
    names = ", ".join(columns)
    read = ", ".join(f"a.{name}" for name in columns)
    return (
        f"INSERT INTO account_history ({names}, until, ended_by, deleted) SELECT {read}, w.at, '', 0 "  # noqa: S608
        f"FROM {chosen} CROSS JOIN (SELECT ? AS at) AS w "
        "JOIN account AS a ON a.tenant_id = ? AND a.id = v.id AND a.kind = 'prospect'"
    )


def _counts(chosen: str) -> str:
    return " UNION ALL ".join(
        f"SELECT '{plural}', t.{field}, COUNT(*) FROM {chosen} "  # noqa: S608 - our own names
        f"JOIN {table} AS t ON t.tenant_id = ? AND t.{field} = v.id GROUP BY t.{field}"
        for plural, (table, field) in _HANGING.items()
    )


def _matches(chosen: str, matched: Sequence[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{name}', v.id, c.id FROM {chosen} JOIN account AS p ON p.tenant_id = ? AND p.id = v.id "  # noqa: S608
        f"JOIN account AS c ON c.tenant_id = p.tenant_id AND c.{name} = p.{name} AND c.kind = 'customer'"
        for name in matched
    )


class _Sqlite(ByHand):
    begin = "BEGIN IMMEDIATE"
    mark = "?"
    chosen = "chosen AS v"
    becoming = (
        "UPDATE account SET kind = 'customer', version = version + 1, recorded_at = ?, customer_number = v.number, "
        "customer_number_key = LOWER(v.number), credit_hold = 0 FROM chosen AS v "
        "WHERE tenant_id = ? AND account.id = v.id AND kind = 'prospect'"
    )

    def opened(self, url: str) -> Any:
        made = opened_sqlite(Path(str(make_url(url).database)))
        made.execute("CREATE TEMP TABLE chosen (id BLOB PRIMARY KEY, number TEXT) WITHOUT ROWID").close()
        return made

    def bound(self, ids: Sequence[UUID], numbers: Sequence[str]) -> tuple[Any, ...]:
        del ids, numbers
        return ()

    def _choose(self, ids: Sequence[UUID], numbers: Sequence[str]) -> None:
        self.cursor.execute("DELETE FROM chosen")
        rows = [(id.bytes, number) for id, number in zip(ids, numbers, strict=True)]
        self.cursor.executemany("INSERT INTO chosen VALUES (?, ?)", rows)


class _Postgresql(ByHand):
    chosen = "unnest(?::uuid[], ?::text[]) AS v (id, number)"
    becoming = (
        f"UPDATE account SET kind = 'customer', version = version + 1, recorded_at = w.at, "  # noqa: S608
        f"customer_number = v.number, customer_number_key = LOWER(v.number), credit_hold = 0 FROM {chosen} "
        "CROSS JOIN (SELECT ?::bigint AS at) AS w "
        "WHERE tenant_id = ? AND account.id = v.id AND kind = 'prospect'"
    )

    def opened(self, url: str) -> Any:
        import psycopg  # noqa: PLC0415 - an optional dependency

        asked = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(asked, autocommit=True)

    def id(self, id: UUID) -> Any:
        return id

    def key(self, id: UUID) -> Any:
        return id

    def bound(self, ids: Sequence[UUID], numbers: Sequence[str]) -> tuple[Any, ...]:
        return list(ids), list(numbers)

    def _text(self, statement: str) -> str:
        return super()._text(statement.replace("(SELECT ? AS at)", "(SELECT ?::bigint AS at)"))


class _Mariadb(ByHand):
    chosen = "chosen AS v"
    becoming = (
        "UPDATE chosen AS v JOIN account AS a ON a.id = v.id SET a.kind = 'customer', a.version = a.version + 1, "
        "a.recorded_at = ?, a.customer_number = v.number, a.customer_number_key = LOWER(v.number), a.credit_hold = 0 "
        "WHERE a.tenant_id = ? AND a.kind = 'prospect'"
    )

    def opened(self, url: str) -> Any:
        import pymysql  # noqa: PLC0415 - an optional dependency

        at = make_url(url)
        made = pymysql.connect(
            host=at.host or "127.0.0.1",
            port=at.port or 3306,
            user=at.username or "",
            password=at.password or "",
            database=at.database,
            charset="utf8mb4",
            autocommit=True,
        )
        with made.cursor() as cursor:
            cursor.execute("SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute("CREATE TABLE IF NOT EXISTS chosen (id BINARY(16) PRIMARY KEY, number VARCHAR(60))")
        return made

    def bound(self, ids: Sequence[UUID], numbers: Sequence[str]) -> tuple[Any, ...]:
        del ids, numbers
        return ()

    def _choose(self, ids: Sequence[UUID], numbers: Sequence[str]) -> None:
        self.cursor.execute("DELETE FROM chosen")
        rows = [(id.bytes, number) for id, number in zip(ids, numbers, strict=True)]
        self.cursor.executemany("INSERT INTO chosen VALUES (%s, %s)", rows)


_ENGINES: Final[Mapping[str, type[ByHand]]] = {"sqlite": _Sqlite, "postgresql": _Postgresql, "mariadb": _Mariadb}


def by_hand(engine: str, url: str, metadata: MetaData) -> ByHand:
    """What a developer has written for that engine."""
    return _ENGINES[engine](url, metadata)
