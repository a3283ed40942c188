"""Stores that are naive on purpose: the checks must notice each of them, or they would prove nothing."""

import re
import time
from typing import Any, Final

from crmkit.entities import ENTITIES, Registry
from crmkit.stores.opening import open_store
from crmkit.stores.sql.schema import Schema
from crmkit.stores.sql.writing import Writer

__all__ = ["SPOILT", "naive_orders", "spoil"]

SPOILT: Final = {
    "no version is looked at": "an update that says nothing of the version it was made on: the last one wins",
    "each statement by itself": "every statement that writes is committed at once, and nobody hurries",
    "an order of any account": "a foreign key of orders to the account without its kind",
}
"""What is spoilt, and what that is."""

_KINDED: Final = re.compile(
    r"FOREIGN KEY\(tenant_id, customer, customer_kind\) REFERENCES (\S+) \(tenant_id, id, kind\)"
)


def spoil(what: str) -> None:
    """Make this process a naive one, if anything is asked for."""
    if what == "no version is looked at":
        _look_at_no_version()
    elif what == "each statement by itself":
        _commit_each_statement()


def _commit_each_statement() -> None:
    write = Writer._many  # noqa: SLF001

    def by_itself(self: Writer, *given: Any, **named: Any) -> int:
        met = write(self, *given, **named)
        cursor = self.unit.cursor
        cursor.execute("COMMIT")
        self.store.profile.begin(cursor, read_only=False, tenant=self.unit.tenant)
        cursor.execute("SAVEPOINT changes")
        time.sleep(0.02)
        return met

    Writer._many = by_itself  # type: ignore[method-assign]  # noqa: SLF001


def _look_at_no_version() -> None:
    made = Schema.text

    def text(self: Schema, key: Any, make: Any) -> str:
        def blind() -> str:
            said: str = make()
            said = said.replace(' AND "version" = ?', ' AND ("version" = ? OR 1 = 1)')
            said = said.replace('"t"."version" = "v"."was"', "1 = 1")
            return re.sub(r""" AND ("t"\.)?"kind" = '\w+'(?= FOR UPDATE|$)""", "", said)

        return made(self, key, blind)

    Schema.text = text  # type: ignore[method-assign]
    Writer._conflict = lambda self, records: None  # type: ignore[method-assign]  # noqa: ARG005, SLF001
    Writer._bury = _without_history(Writer._bury)  # type: ignore[method-assign]  # noqa: SLF001


def _without_history(bury: Any) -> Any:
    """Of two that write the same version to history, the second one leaves it out."""

    def buried(self: Writer, *given: Any) -> None:
        self.unit.execute("SAVEPOINT naive")
        try:
            bury(self, *given)
        except Exception:  # noqa: BLE001 - the state is in history already
            self.unit.execute("ROLLBACK TO SAVEPOINT naive")

    return buried


def naive_orders(url: str) -> None:
    """Make the tables of an empty database, that of the orders with a reference to whatever the account is."""
    store: Any = open_store(url, Registry(ENTITIES))
    ddl = store.schema.ddl
    plain = r"FOREIGN KEY(tenant_id, customer) REFERENCES \1 (tenant_id, id)"
    naive = {name: tuple(_KINDED.sub(plain, one) for one in said) for name, said in ddl.items()}
    assert naive != ddl
    store.schema.ddl = naive
    try:
        store.prepare()
    finally:
        store.schema.ddl = ddl  # it is shared with all stores of this process
        store.close()
