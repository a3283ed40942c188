"""`connect`, which brings a store, a policy, rules and a clock together; and `upgrade`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from crmkit.access import Licences
from crmkit.app.crm import Crm, Settings, system_clock
from crmkit.app.settings import (
    once_over,
    unknown_numbering,
    unusable,
    unusable_calls,
    unusable_entities,
    unusable_rules,
)
from crmkit.app.work import Work
from crmkit.entities import ENTITIES, CodeValue, Record, Registry
from crmkit.entities.text import with_article
from crmkit.errors import Fault, Invalid
from crmkit.ids import IdSource
from crmkit.policy import Policy
from crmkit.queries import Query
from crmkit.rules import Rule
from crmkit.stores.opening import open_store, upgraded

__all__ = ["connect", "upgrade"]


def upgrade(store: Any, *, dry_run: bool = False, **store_settings: Any) -> list[str]:
    """Bring the schema of a database (a URL, an SQLAlchemy Engine) to this release; the statements that do it, which
    are only given where it is a `dry_run`. Tables of plugins stay as they are; those that are missing `connect` makes.

    Raises SchemaTooNew, MissingExtra without the extra `migrations`, StoreError; then, but on MariaDB, nothing is done.
    """
    opened = open_store(store, Registry(ENTITIES), **store_settings)
    try:
        return upgraded(opened, dry_run=dry_run)
    finally:
        if isinstance(store, str):
            opened.close()


def connect(
    store: Any = "memory:",
    *,
    tenant: str = "default",
    user: str = "",
    clock: Callable[[], datetime] | None = None,
    currency: str = "EUR",
    time_zone: str = "UTC",
    starter: str | Iterable[CodeValue] | None = "en",
    policy: Policy | None = None,
    licences: Licences | None = None,
    rules: Iterable[Rule] = (),
    entities: Iterable[type[Record]] = (),
    numbering: Mapping[str, tuple[str, int]] | None = None,
    ids: Callable[[], UUID] | None = None,
    upgrade: bool = False,
    **store_settings: Any,
) -> Crm:
    """The CRM of a tenant on a store: `connect("sqlite:///acme.db")`, `connect("memory:")`.

    `store` is a URL, an SQLAlchemy Engine or a store; what a URL's store takes besides (`durability="normal"` …) are
    further keywords. A new tenant gets the `starter` set of code tables in English or Spanish ("en", "es"), or the
    values given; None leaves them empty. `currency` is the application's own; `time_zone` turns instants into days;
    `clock` gives aware instants, `ids` ids. `rules` and `entities` add a host's own; `numbering` sets prefix and
    digits by repository. `upgrade` brings an older schema to this release first.

    Raises UnknownStore, MissingExtra, SchemaTooNew, SchemaTooOld, StoreError; Invalid on unusable settings.
    """
    rules, entities = once_over(rules), once_over(entities)
    faults = [*unusable(tenant=tenant, currency=currency, time_zone=time_zone), *unusable_calls(clock=clock, ids=ids)]
    faults += unusable_rules(policy, licences, rules)
    faults += unusable_entities(entities, numbering, starter)
    if faults:
        raise Invalid("connect", faults)
    from crmkit.plugins import plugged_entities  # noqa: PLC0415 - entry points are read on use

    registry = Registry((*ENTITIES, *plugged_entities(), *entities), numbering)
    unknown = list(unknown_numbering(registry))
    if unknown:
        raise Invalid("connect", unknown)
    opened = open_store(store, registry, **store_settings)
    settings = Settings(
        tenant=tenant,
        user=user,
        clock=_aware(clock) if clock else system_clock,
        currency=currency,
        zone=ZoneInfo(time_zone),
        policy=policy or Policy(),
        licences=licences,
        ids=_uuids(ids) if ids else IdSource(),
    )
    crm = Crm(opened, settings, rules)
    try:
        if upgrade:
            upgraded(opened, dry_run=False)
        opened.prepare()
        if starter is not None and not getattr(opened, "read_only", False):
            _start(crm, starter)
    except BaseException:
        if isinstance(store, str):
            opened.close()
        raise
    return crm


def _aware(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """The host's clock. It raises Invalid on an instant without time zone, since nobody knows which one that is."""

    def checked() -> datetime:
        instant = clock()
        if instant.tzinfo is None:
            raise Invalid("the clock", [Fault("clock", "must give aware instants, such as datetime.now(UTC)")])
        return instant

    return checked


def _uuids(ids: Callable[[], UUID]) -> Callable[[], UUID]:
    """The host's ids. Raises Invalid on one that is no UUID, which no store but memory could keep."""

    def checked() -> UUID:
        id = ids()
        if not isinstance(id, UUID):
            raise Invalid("the ids", [Fault("ids", f"must give UUIDs, not {with_article(type(id).__name__)}")])
        return id

    return checked


def _start(crm: Crm, starter: str | Iterable[CodeValue]) -> None:
    """Give a tenant that has no code tables yet its starter set. Settings of access do not apply: nobody acts yet."""
    from crmkit.starter import starter_codes  # noqa: PLC0415 - needed for a new tenant alone

    tables = [spec.cls for spec in crm.registry.specs if spec.about.family == "code"]
    empty = [Query(kind=kind) for kind in tables]
    started = Crm(crm.store, attrs.evolve(crm.settings, licences=None), ())
    with started.begin(read_only=True) as work:
        if any(work.unit.counts(empty)):
            return
    values = starter_codes(starter) if isinstance(starter, str) else tuple(starter)

    def start(work: Work) -> None:
        if not any(work.unit.counts(empty)):
            for kind in tables:
                work.repository(kind).add_many([value for value in values if type(value) is kind])

    started.run(start)
