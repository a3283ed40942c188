"""How changes are applied: touched records are checked and copied to history, then creates, updates, deletes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from crmkit.changes import Changes, Update
from crmkit.entities import Record, Spec
from crmkit.entities.record import stamped
from crmkit.entities.text import with_article
from crmkit.errors import Busy, Conflict, CrmkitError, Duplicate, Invalid, Refused
from crmkit.queries import AnyOf, Query
from crmkit.repositories.references import kind_findings, referred_to, referrers_left, unknown_references
from crmkit.stores.sql.at_once import applied_at_once
from crmkit.stores.sql.counters import Counters
from crmkit.stores.sql.instants import micros
from crmkit.stores.sql.rows import Rows

if TYPE_CHECKING:
    from crmkit.stores.sql.unit import SqlUnit

__all__ = ["Writer"]

_MICROSECOND: Final = timedelta(microseconds=1)


class Writer(Rows):
    """Applies changes in a unit of work."""

    def __init__(self, unit: "SqlUnit") -> None:
        super().__init__(unit)
        self.counters = Counters(unit)
        self._stepwise = True
        """Whether each application can be taken back by itself, by a savepoint."""

    def apply(self, changes: Changes, by: str) -> Changes:
        """The changes, made and resolved."""
        unit = self.unit
        unit.writing()
        instant = unit.instant
        unit.execute("SAVEPOINT changes")
        counted = dict(unit.counted)
        try:
            made = self._applied(changes, instant, by)
        except BaseException:
            unit.counted = counted
            unit.undo("changes")
            raise
        unit.execute("RELEASE SAVEPOINT changes")
        return made

    def finish(self, changes: Changes, by: str) -> Changes:
        """The changes, made, resolved and saved, without a savepoint: where they fail, the whole unit begins anew."""
        unit = self.unit
        self._stepwise = False
        try:
            made = None
            if self.store.profile.changes_at_once and unit.transaction.at_large and self.store.fault_at is None:
                made = applied_at_once(self, changes, unit.not_long_ago(), by)
            if made is None:
                unit.writing()
                made = self._applied(changes, unit.instant, by)
            unit.commit()
        except BaseException:
            unit.begin_anew()
            raise
        return made

    def later(self, changes: Changes, instant: datetime) -> dict[UUID, datetime]:
        """When each touched record is recorded: at the instant, or just after its last one where that is later."""
        return {
            record.id: instant
            if record.recorded_at is None or record.recorded_at <= instant
            else record.recorded_at + _MICROSECOND
            for record in changes.touched()
        }

    def _applied(self, changes: Changes, instant: datetime, by: str) -> Changes:
        later = self.later(changes, instant)
        fresh = {"version": 1, "recorded_at": instant, "recorded_by": by}
        creates = [stamped(record, {**fresh, **given}) for record, given in self.counters.numbered(changes.creates)]
        restores = [self._restored(record, instant, by) for record in changes.restores]
        becoming = [update.after for update in changes.updates if type(update.before) is not type(update.after)]
        numbers = {record.id: given for record, given in self.counters.numbered(becoming)}
        updates = [
            Update(
                update.before,
                stamped(
                    update.after,
                    {
                        "version": update.before.version + 1,
                        "recorded_at": later[update.before.id],
                        "recorded_by": by,
                        **numbers.get(update.after.id, {}),
                    },
                ),
            )
            for update in changes.updates
        ]
        if quoting := changes.quoting((*creates, *(update.after for update in updates))):
            creates = [stamped(record, quoting.get(record.id, {})) for record in creates]
        made = changes.resolved(creates=creates, restores=restores, updates=updates)
        try:
            self._bury(changes, later, by)
            self._check_anywhere(made)
            self._insert([*creates, *restores])
            self._update(updates)
            self._delete(changes.deletes)
            self._check_left_anywhere(changes.deletes)
        except CrmkitError:
            raise
        except Exception as cause:
            raise self._translated(cause, made) from cause
        return made

    def _check_anywhere(self, made: Changes) -> None:
        """References that may be to any table have no key in the engine: they are looked up, and what they refer to is
        kept from going. Raises Invalid, and Busy where it has gone just now.
        """
        anywhere = self.store.schema.anywhere
        saved = [*made.creates, *made.restores, *(update.after for update in made.updates)]
        wanted = [record for record in saved if record.spec in anywhere]
        if not wanted:
            return
        created = {(record.spec.about.table, record.id) for record in (*made.creates, *made.restores)}
        found = referred_to(self.unit, wanted)
        self._refuse_unknown(wanted, created, found)
        if self.store.profile.one_writer:
            return
        ends = {getattr(record, name) for record in wanted for name in anywhere[record.spec]}
        for table, id in sorted(found):
            if id in ends:
                named = self.store.schema.named(table)
                held = f'SELECT 1 FROM {named} WHERE "tenant_id" = ? AND "id" = ?{self.store.profile.holds}'  # noqa: S608
                if self.unit.ask(held, (self.unit.tenant, id.bytes)).fetchone() is None:
                    raise Busy("what is referred to was being changed by another unit of work: try again")

    def _check_left_anywhere(self, deletes: Sequence[Record]) -> None:
        """Raises Busy where another has just referred to what is deleted, by a reference that has no key."""
        if not deletes or self.store.profile.one_writer:
            return
        ids = [record.id for record in deletes]
        for spec, names in self.store.schema.anywhere.items():
            for name in names:
                if self.unit.find(Query(kind=spec.cls, where=(AnyOf(name, ids),), limit=1)):
                    raise Busy(f"another unit of work has just added a {spec.name} to what is deleted: try again")

    def _refuse_unknown(
        self,
        saved: Sequence[Record],
        created: Collection[tuple[str, UUID]],
        found: Mapping[tuple[str, UUID], str] | None = None,
    ) -> None:
        faults = unknown_references(self.unit, saved, created, found)
        if faults:
            record = faults[0][0]
            raise Invalid(record.spec.name, [fault for one, fault in faults if one is record])

    # History

    def _bury(self, changes: Changes, later: Mapping[UUID, datetime], by: str) -> None:
        """Lock what is touched and copy it to history, in order of table and id. Raises Conflict."""
        ended = {update.before.id: 0 for update in changes.updates} | {record.id: 1 for record in changes.deletes}
        grouped: dict[Spec, list[Record]] = {}
        for record in changes.touched():
            grouped.setdefault(record.spec, []).append(record)
        for spec in sorted(grouped, key=lambda spec: self.store.schema.order[spec.about.table]):
            held = sorted(grouped[spec], key=lambda record: record.id.int)
            rows = [(one.id.bytes, one.version, micros(later[one.id]), by, ended[one.id]) for one in held]
            if self._in_lists(len(rows)):
                found = self._listed(("history", spec), partial(self._history_of_listed, spec), rows)
            else:
                found = self._many(
                    self._history_text(spec),
                    [(until, *how, self.unit.tenant, id, was) for id, was, until, *how in rows],
                )
            if found != len(held):
                self._conflict(held)

    def _conflict(self, records: Sequence[Record]) -> None:
        for record in records:
            table = self.store.schema.named(record.spec.about.table)
            text = f'SELECT "version" FROM {table} WHERE "tenant_id" = ? AND "id" = ?'  # noqa: S608 - declared names
            row = self.unit.ask(text, (self.unit.tenant, record.id.bytes)).fetchone()
            now = self.unit.get(type(record), record.id)
            if now is None or now.version != record.version:
                raise Conflict(record.spec.name, record.id, record.version, row[0] if row else None)

    def _restored(self, record: Record, instant: datetime, by: str) -> Record:
        states = self.unit.history(type(record), record.id)
        if not states:
            raise Conflict(record.spec.name, record.id, record.version, None)
        last = states[-1]
        at = max(instant, last.until or instant)
        return stamped(record, {"version": last.record.version + 1, "recorded_at": at, "recorded_by": by})

    # Errors

    def _translated(self, error: Exception, made: Changes) -> Exception:
        """What a broken constraint means, in terms of the records."""
        broken = self.store.profile.broken_constraint(error)
        if broken is None:
            return self.unit.failed(error)
        if self._stepwise:
            self.unit.execute("ROLLBACK TO SAVEPOINT changes")
        else:
            self.unit.begin_anew()
        saved = [*made.creates, *made.restores, *(update.after for update in made.updates)]
        if broken.kind == "unique":
            columns = broken.columns or self.store.schema.constrained.get(broken.name, ("tenant_id", "id"))
            return self._duplicate(columns, saved)
        created = {(record.spec.about.table, record.id) for record in (*made.creates, *made.restores)}
        self._refuse_unknown(saved, created)
        for update in made.updates:
            found = kind_findings(self.unit, update.before, update.after)
            if found:
                return Refused(f"making {with_article(update.after.spec.name)} of the {update.before.spec.name}", found)
        for record in made.deletes:
            found = referrers_left(self.unit, record, made.deletes)
            if found:
                return Refused(f"deleting the {record.spec.name}", found)
        if broken.kind == "reference":
            return Busy("what is referred to was being changed by another unit of work: try again")
        return self.store.profile.translated(error)

    def _duplicate(self, columns: tuple[str, ...], saved: Sequence[Record]) -> Exception:
        wanted = tuple(name for name in columns if name != "tenant_id")
        seen: dict[Any, Record] = {}
        for record in saved:
            layout = self.store.schema.layouts[record.spec.about.table]
            fields = {held.compared.name: held for held in layout.fields(record.spec)}
            if not all(name in fields for name in wanted):
                continue
            values = self.store.schema.codec(record.spec).values(record)
            key = (record.spec.about.table, *(bytes(v) if isinstance(v := values[n], bytearray) else v for n in wanted))
            if key in seen or self._taken(record, wanted, key[1:]):
                named = [fields[name].field.name for name in wanted]
                return Duplicate(record.spec.name, ", ".join(named), getattr(record, named[-1]))
            seen[key] = record
        return Duplicate("record", ", ".join(wanted))

    def _taken(self, record: Record, columns: tuple[str, ...], values: tuple[Any, ...]) -> bool:
        table = self.store.schema.named(record.spec.about.table)
        held = " AND ".join(f'"{name}" = ?' for name in columns)
        text = f'SELECT 1 FROM {table} WHERE "tenant_id" = ? AND {held} AND "id" <> ?'  # noqa: S608 - declared names
        return self.unit.ask(text, (self.unit.tenant, *values, record.id.bytes)).fetchone() is not None
