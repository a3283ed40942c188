"""The unit of work: everything that is done in it is saved together, or not at all."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import attrs

from crmkit.app.following import followed
from crmkit.app.guarding import forecasts_of_lines, guarded, still_drafts
from crmkit.app.named import NamedRepositories
from crmkit.app.scope import OfWork, UnrefusedError, new_id
from crmkit.app.tombstones import refuse_reserved, refuse_used
from crmkit.changes import Changes, Event, Update
from crmkit.entities import NIL, CodeValue, Record, evolve
from crmkit.entities.text import with_article
from crmkit.errors import Busy, Conflict, Fault, Finding, Invalid, Refused, StoreError
from crmkit.events.meaning import events_of
from crmkit.queries import Asker, Query
from crmkit.repositories.known import Known, no_code
from crmkit.repositories.parts import assembled, assembled_states, bare, parts_of, shown_parts
from crmkit.repositories.references import referrers
from crmkit.repositories.store import Past, StoreUnit

if TYPE_CHECKING:
    from crmkit.app.crm import Crm

__all__ = ["Looking", "Work"]

R = TypeVar("R", bound=Record)


class Work(NamedRepositories):
    """An open unit of work, from `with crm.begin() as work`. Whatever stands on a `Crm` stands on it too,
    inside its transaction; what it writes, others see once it ends well.
    """

    def __init__(self, crm: "Crm", unit: StoreUnit, by: str, *, read_only: bool) -> None:
        super().__init__(OfWork(self), unit.registry)
        self.crm = crm
        self.unit = unit
        self.by = by
        self.read_only = read_only
        self.periods_of: Work = self
        """Whose sales periods are asked: its own, unless a later work looks at this one."""
        self.seen_from: Work | None = None
        """The later work that looks back at this one; whose codes are codes to it as well."""
        self._known: Known | None = None
        self._happened: list[Event] = []
        self._chosen: set[UUID] = set()
        """The ids of new records that were not made here."""
        self._writes = 0
        self._spoilt = False

    @property
    def known(self) -> Known:
        """What rules may know, within this unit."""
        if self._known is None:
            settings = self.crm.settings
            self._known = Known(
                self.unit,
                now=self.crm.now() if self.read_only else self.unit.instant,
                zone=settings.zone,
                user=self.by,
                policy=settings.policy,
                currency=settings.currency,
            )
        return self._known

    @property
    def asker(self) -> Asker:
        """What questions may depend on besides their words, within this unit."""
        return Asker(self.unit.registry, self.known.today, self.known.zone, self._codes)

    def _codes(self, table: str, given: Sequence[str]) -> list[str]:
        """The permanent codes of what people write. Raises ValueError on what is none."""
        found = [self.code(table, one) for one in given]
        if unknown := [one for one, value in zip(given, found, strict=True) if value is None]:
            raise ValueError(no_code(table, unknown, self.known.codes(table)))
        return [value.code for value in found if value is not None]

    def code(self, table: str, given: str) -> CodeValue | None:
        """The value meant by what people write, by the codes of this work or of the later one that looks at it."""
        found = self.known.code(table, given)
        return found if found or self.seen_from is None else self.seen_from.code(table, given)

    def new_id(self) -> UUID:
        """An id for a new record."""
        return new_id(self.crm)

    def on(self, event: type[Event] | str, handler: Any, phase: Any = "after") -> Any:
        """As `Crm.on`: handlers belong to the application, not to one unit."""
        return self.crm.on(event, handler, phase)

    def settled(self) -> datetime:
        """As `Crm.settled`."""
        return self.crm.settled()

    def history(self, record: Record) -> list[Past[Any]]:
        """Every saved state of a record, oldest first, the present one last, each with the parts that it had when it
        ended. Raises Invalid on what is none.
        """
        given: Any = record
        if not isinstance(given, Record):
            said = f"is a record, not {with_article(type(given).__name__)}: of an id, ask its repository's history"
            raise Invalid("the history", [Fault("record", said)])
        return assembled_states(self.unit, self.unit.history(type(record), record.id))

    # What repositories and services are made of

    def read(self, kind: type[R], id: UUID) -> R | None:
        """The record with its parts, or None."""
        found = self.unit.get(kind, id)
        return assembled(self.unit, [found])[0] if found is not None and found.spec.parts else found

    def read_many(self, records: Sequence[R]) -> list[R]:
        """The bare records with their parts."""
        return assembled(self.unit, records)

    def settle(self, before: Record | None, after: R, verb: str, id: UUID | None = None) -> R:
        """The record as it is to be saved, with an id that it is given. Raises Refused with everything that speaks
        against it.
        """
        settled, findings = self.crm.rulebook.settle(before, after, self.known, id)
        if findings:
            raise Refused(f"{verb} the {after.spec.name}", findings)
        return settled

    def refuse_if(self, action: str, findings: Iterable[Finding]) -> None:
        """Raise Refused where anything was found."""
        found = tuple(findings)
        if found:
            raise Refused(action, found)

    def created(self, record: R) -> R:
        """A new record with an id, its defaults taken and its rules kept; not saved yet."""
        id = self.new_id() if record.id == NIL else None
        if id is None:
            self._chosen.add(record.id)
        if record.spec.parts:
            held = (part for field in record.spec.parts for part in getattr(record, field.name))
            self._chosen.update(part.id for part in held if isinstance(part, Record) and part.id != NIL)
            return self.settle(None, record if id is None else evolve(record, id=id), "adding")
        return self.settle(None, record, "adding", id)

    def write(self, changes: Changes, *, last: bool = False) -> Changes:
        """Save the changes, all or nothing, and return them as they were saved, records with their parts.

        Creates are settled records (`created`). *Before* handlers are asked first and may veto; *after*
        handlers are told once the unit is committed. `last` says that nothing else is written in a unit that is the
        call's alone: unless somebody listens, a store may then save them and the unit in one step. Where they are
        refused, all that was done in it is forgotten. That a record is saved anew as it is, is no news to handlers.
        """
        flat, owned = self._flat(changes)
        policy, following = self.crm.settings.policy, frozenset[UUID]()
        if policy.amount_follows_offers or policy.order_wins:
            flat, following = followed(self, flat)
        listening = self.crm.handlers.any
        quiet: frozenset[UUID] = frozenset()
        if listening:
            quiet = frozenset(update.after.id for update in changes.updates if update.after is update.before)
            planned = attrs.evolve(
                _without(flat, quiet), creates=[shown_parts(one, owned.get(one.id, {})) for one in flat.creates]
            )
            for event in list(events_of(planned, self.known, self.unit.instant, self.by)):
                self.crm.handlers.before(event, self)
        flat, anew = guarded(self, flat)
        drafts = forecasts_of_lines(flat)
        try:
            with self.whole():
                made = self._saved(flat, last=last and not listening and not drafts)
                self._writes += 1
                if drafts:
                    still_drafts(self, drafts)
        except Conflict as conflict:
            if conflict.id in following:
                said = f"another changed the offers of opportunity {conflict.id} meanwhile: try again"
                raise Busy(said) from conflict
            if conflict.id in anew:
                raise Busy(f"the {conflict.kind} {conflict.id} was being changed meanwhile: try again") from conflict
            raise
        if owned:
            made = _with_parts(made, owned)
        if listening:
            self._happened += events_of(_without(made, quiet | anew), self.known, self.unit.instant, self.by)
        if self._known is not None and any(isinstance(one, CodeValue) for one in (*made.creates, *_after(made))):
            self._known.forget_codes()
        return made

    def _flat(self, changes: Changes) -> tuple[Changes, dict[UUID, dict[str, list[Record]]]]:
        """The changes of bare records, and the parts of each that is created with some."""
        refuse_reserved(self, changes.creates)
        owned: dict[UUID, dict[str, list[Record]]] = {}
        creates: list[Record] = []
        for record in changes.creates:
            parts = parts_of(record, self.new_id) if record.spec.parts else {}
            for name, held in parts.items():
                parts[name] = [self.settle(None, part, "adding") for part in held]
            if parts:
                owned[record.id] = parts
            creates.append(bare(record))
            creates += [part for held in parts.values() for part in held]
        if self._chosen:
            refuse_used(self, (record for record in creates if record.id in self._chosen))
        flat = Changes(
            creates=creates,
            updates=[Update(bare(update.before), bare(update.after)) for update in changes.updates],
            deletes=map(bare, changes.deletes),
            restores=changes.restores,
            quotes=changes.quotes,
            events=changes.events,
        )
        return flat, owned

    def _saved(self, changes: Changes, *, last: bool) -> Changes:
        if last and hasattr(type(self.unit), "finish"):  # its own, not one of a unit that it wraps
            unit: Any = self.unit
            made: Changes = unit.finish(changes, by=self.by)
            return made
        return self.unit.apply(changes, by=self.by)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What is done after a write, as a part of one call: where it fails, the unit can only be rolled back."""
        before = self._writes
        try:
            yield
        except BaseException:
            self._spoilt = self._spoilt or self._writes > before
            raise

    def announce(self, event: Event) -> None:
        """Tell of something that is no change of a record; *before* handlers may veto it."""
        self.crm.handlers.before(event, self)
        self._happened.append(event)

    def deletion(self, record: Record) -> Changes:
        """The record and everything that belongs to it, to be deleted.

        Raises Refused where a rule says no, or others refer to it.
        """
        findings = [*self.crm.rulebook.deleting(record, self.known), *referrers(self.unit, record)]
        self.refuse_if(f"deleting the {record.spec.name}", findings)
        deletes = [record]
        for spec, field in self.unit.registry.referring_to(record.spec.about.table):
            if spec.about.belongs_to == field.name:
                for part in self.known.all_of(spec.cls, **{field.name: record.id}):
                    deletes += self.deletion(part).deletes
        return Changes(deletes=deletes)

    def finish(self) -> list[Event]:
        """Commit, and say what has happened. Raises StoreError where a call has failed half-way."""
        if self._spoilt:
            raise StoreError("a call has failed half-way: the unit of work can only be rolled back, begin another")
        self.unit.commit()
        happened, self._happened = self._happened, []
        return happened

    def bare_all(self, kind: type[R], *where: Any) -> list[R]:
        """Every bare record for which the criteria hold."""
        return self.unit.find(Query(kind=kind, where=where))


class Looking(Work):
    """A unit of work in which a call is only asked what would speak against it."""

    def write(self, changes: Changes, *, last: bool = False) -> Changes:
        """Raises what speaks against the changes before they are saved, or else UnrefusedError."""
        del last
        refuse_reserved(self, changes.creates)
        raise UnrefusedError

    def announce(self, event: Event) -> None:
        """Nothing happens here."""
        del event
        raise UnrefusedError


def _without(changes: Changes, ids: Collection[UUID]) -> Changes:
    """The changes, but for the updates of those records."""
    return attrs.evolve(changes, updates=[one for one in changes.updates if one.after.id not in ids])


def _with_parts(made: Changes, owned: dict[UUID, dict[str, list[Record]]]) -> Changes:
    saved = {record.id: record for record in made.creates}
    shown = [
        shown_parts(record, {name: [saved[part.id] for part in held] for name, held in owned[record.id].items()})
        if record.id in owned
        else record
        for record in made.creates
    ]
    return attrs.evolve(made, creates=shown)


def _after(made: Changes) -> list[Record]:
    return [*(update.after for update in made.updates), *made.deletes, *made.restores]
