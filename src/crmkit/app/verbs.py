"""What some repositories can do besides: the moves of leads, opportunities, tasks, estimates and orders."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from crmkit.app.arguments import several
from crmkit.app.conversion import ConversionService
from crmkit.app.matching import account_matches, contact_matches
from crmkit.app.mergeable import Mergeable
from crmkit.app.repository import Repository, as_id
from crmkit.app.scope import OfWork, repeated
from crmkit.app.tombstones import gone
from crmkit.changes import ContactsExported, ContactsImported
from crmkit.conversion.estimates import order_changes, order_findings, order_of
from crmkit.conversion.leads import opportunity_of, promotion_changes, promotion_findings
from crmkit.conversion.matching import Match, one_match
from crmkit.entities import (
    Account,
    Customer,
    Estimate,
    Lead,
    Opportunity,
    OpportunityTask,
    Order,
    Record,
    SalesContact,
    SalesPeriod,
    TeamAssignment,
    Territory,
)
from crmkit.errors import AlreadyConverted, Busy, Conflict, Finding, NotFound
from crmkit.forecasting.stages import StageSpell, stage_spells
from crmkit.queries import Equals, Query
from crmkit.territories import Grouped, grouped_by_territory

if TYPE_CHECKING:
    from crmkit.app.work import Work
    from crmkit.exchange.address_book import AddressBook

__all__ = [
    "Accounts",
    "Estimates",
    "Leads",
    "Opportunities",
    "OpportunityTasks",
    "Orders",
    "SalesContacts",
    "SalesPeriods",
]

_OF_A_SAVED_CONTACT: Final = ("number", "accounts", "salespersons")

A = TypeVar("A", bound=Account)
R = TypeVar("R", bound=Record)


def _moved(repository: Repository[R], id: UUID, table: str, category: str, verb: str, **changes: Any) -> R:
    """The record with a status of that category; one that has such a status already is left as it is."""
    return repository._scope.repeating(partial(_moving, repository, id, (table, category), verb, changes))


def _moving(repository: Repository[R], id: UUID, status: tuple[str, str], verb: str, changes: Mapping[str, Any]) -> R:
    table, category = status
    with repository._scope.writing() as work:
        record: Any = repository._there(work, id)
        if work.known.category(table, record.status) == category:
            return record  # type: ignore[no-any-return]
        code = work.known.code_of_category(table, category)
        if not code:
            spoken = table.replace("_", " ")
            work.refuse_if(
                f"the move to {category}",
                [Finding("no-status", f"no {spoken} has the category {category}: add one", "status")],
            )
        return repository._update(work, record, {"status": code, **changes}, verb)


class Leads(Repository[Lead]):
    """The leads, with their moves and their promotion."""

    def qualify(self, lead: UUID) -> Lead:
        """Qualified: worth an opportunity. Raises NotFound, Refused for a disqualified lead."""
        return _moved(self, lead, "lead_status", "qualified", "qualifying")

    def disqualify(self, lead: UUID) -> Lead:
        """Disqualified: nothing will come of it. Raises NotFound, Refused."""
        return _moved(self, lead, "lead_status", "disqualified", "disqualifying")

    def reopen(self, lead: UUID) -> Lead:
        """Open again, qualified or disqualified before. Raises NotFound, Refused."""
        return _moved(self, lead, "lead_status", "open", "reopening")

    @repeated
    def promote(self, lead: UUID, **values: Any) -> Opportunity:
        """Make an opportunity of a lead, which stays on file; again makes another.

        The values given win over the lead's. Raises NotFound, Refused for a disqualified lead, Invalid.
        """
        with self._scope.writing() as work:
            found = self._there(work, lead)
            category = work.known.category("lead_status", found.status)
            work.refuse_if(f"promoting lead {found.number}", promotion_findings(found, category))
            opportunity = work.created(opportunity_of(found, values))
            made = work.write(promotion_changes(found, opportunity, work.new_id()))
            return next(record for record in made.creates if isinstance(record, Opportunity))

    def opportunities(self, lead: UUID) -> list[Opportunity]:
        """The opportunities that came of a lead, in the order in which they did. Raises NotFound."""
        with self._scope.reading() as work:
            return work.known.all_of(Opportunity, lead=self._there(work, lead).id)


class Opportunities(Repository[Opportunity]):
    """The opportunities, with how they end and how they got there."""

    def win(self, opportunity: UUID, *, reason: str = "", on: date | None = None) -> Opportunity:
        """Won, for a reason, on a day (today). One that is won already stays as it is, whatever is given.

        Raises NotFound, Refused, Invalid.
        """
        return _moved(self, opportunity, "opportunity_status", "won", "winning", **_closing("won_reason", reason, on))

    def lose(self, opportunity: UUID, *, reason: str = "", on: date | None = None) -> Opportunity:
        """Lost, for a reason, on a day (today). One that is lost already stays as it is, whatever is given.

        Raises NotFound, Refused, Invalid.
        """
        return _moved(self, opportunity, "opportunity_status", "lost", "losing", **_closing("lost_reason", reason, on))

    def reopen(self, opportunity: UUID) -> Opportunity:
        """Open again: the day it was closed and the reason go. Raises NotFound."""
        return _moved(self, opportunity, "opportunity_status", "open", "reopening")

    def stages(self, opportunity: UUID) -> list[StageSpell]:
        """The stages that an opportunity has gone through, in order: when and by whom each was entered and left, how
        long it lasted. The one that it is in now lasts until the instant it is; in a view of the past, until that one.
        Raises NotFound.
        """
        with self._scope.reading() as work:
            id = as_id("opportunity", opportunity)
            states = work.unit.history(Opportunity, id)
            if not states:
                raise NotFound("opportunity", id)
            return stage_spells(states, partial(work.known.category, "opportunity_status"), work.known.now)

    def estimates(self, opportunity: UUID) -> list[Estimate]:
        """The opportunity's estimates with their lines, totals and status, oldest first."""
        return _offers(self, Estimate, opportunity)

    def orders(self, opportunity: UUID) -> list[Order]:
        """The opportunity's orders with their lines, totals and status, oldest first."""
        return _offers(self, Order, opportunity)


def _closing(field: str, reason: str, on: date | None) -> dict[str, Any]:
    return {key: value for key, value in ((field, reason), ("closed_on", on)) if value}


def _offers(repository: Opportunities, kind: type[R], opportunity: UUID) -> list[R]:
    with repository._scope.reading() as work:
        there = repository._there(work, opportunity)
        return work.read_many(work.known.all_of(kind, opportunity=there.id))


class OpportunityTasks(Repository[OpportunityTask]):
    """The tasks of opportunities, with their completion."""

    def complete(self, task: UUID, *, on: date | None = None) -> OpportunityTask:
        """Done, on a day (today). One that is done already stays as it is. Raises NotFound."""
        return _moved(self, task, "task_status", "done", "completing", **({"completed_on": on} if on else {}))

    def reopen(self, task: UUID) -> OpportunityTask:
        """Open again: the day it was completed goes. Raises NotFound."""
        return _moved(self, task, "task_status", "open", "reopening")


class Estimates(Repository[Estimate]):
    """The estimates, with their moves and ordering."""

    def accept(self, estimate: UUID) -> Estimate:
        """Accepted, but not ordered yet (`order` does both). Raises NotFound, Refused for a declined one."""
        return _moved(self, estimate, "estimate_status", "accepted", "accepting")

    def decline(self, estimate: UUID) -> Estimate:
        """Declined. Raises NotFound, Refused for an accepted one."""
        return _moved(self, estimate, "estimate_status", "declined", "declining")

    def reopen(self, estimate: UUID) -> Estimate:
        """A declined estimate is open again. Raises NotFound, Refused for an accepted one."""
        return _moved(self, estimate, "estimate_status", "open", "reopening")

    @repeated
    def order(self, estimate: UUID, *, convert: bool = False, again: bool = False, **values: Any) -> Order:
        """Make an order of an estimate and accept it; the values given win over the estimate's.

        `convert` also makes a customer of a prospect, in the same step; `again` orders from an estimate that was
        ordered from before. Of several who order at the same moment and do not ask for `again`, one does. Raises
        NotFound, Refused, Invalid.
        """
        with self._scope.writing() as work:
            found, is_customer, accepted = self._orderable(work, estimate, convert=convert, again=again)
            order = work.created(order_of(found, values))
            try:
                with work.whole():
                    if not is_customer:
                        ConversionService(OfWork(work)).convert(found.account)
                    made = work.write(order_changes(found, order, accepted, again=again))
            except (AlreadyConverted, Conflict) as lost:
                self._orderable(work, estimate, convert=convert, again=again)
                raise Busy(f"estimate {found.number} was being changed meanwhile: try again") from lost
            return next(record for record in made.creates if isinstance(record, Order))

    def _orderable(self, work: "Work", id: UUID, *, convert: bool, again: bool) -> tuple[Estimate, bool, str]:
        """The estimate, whether its account is a customer, and the status that it gets by being ordered from (empty:
        it has it). Raises NotFound, Refused.
        """
        found = self._there(work, id)
        is_customer = work.unit.get(Customer, found.account) is not None
        category = work.known.category("estimate_status", found.status)
        ordered = work.known.all_of(Order, estimate=found.id)
        work.refuse_if(
            f"ordering from estimate {found.number}",
            order_findings(found, is_customer=is_customer or convert, category=category, ordered=ordered, again=again),
        )
        accepted = work.known.code_of_category("estimate_status", "accepted") if category == "open" else ""
        return found, is_customer, accepted


class Orders(Repository[Order]):
    """The orders, with how they end: neither end is left again."""

    def complete(self, order: UUID) -> Order:
        """Done: delivered, or whatever ends it well. Raises NotFound, Refused for a cancelled one."""
        return _moved(self, order, "order_status", "done", "completing")

    def cancel(self, order: UUID) -> Order:
        """Cancelled. Raises NotFound, Refused for one that is done."""
        return _moved(self, order, "order_status", "cancelled", "cancelling")


class SalesContacts(Mergeable[SalesContact]):
    """The sales contacts, in from and out to an address book: nothing is synchronised, records are appended (R9)."""

    def import_from(self, book: "AddressBook") -> tuple[SalesContact, ...]:
        """Append the contacts selected in the book. Raises AddressBookClosed; then nothing is written."""
        from crmkit.exchange.address_book import contacts_from  # noqa: PLC0415 - loaded on use

        with self._scope.writing() as work:
            saved = tuple(self._add(work, [_unsaved(contact) for contact in contacts_from(book)]))
            work.announce(ContactsImported(at=work.known.now, by=work.by, contacts=saved))
            return saved

    def export_to(self, book: "AddressBook", contacts: Iterable[UUID] | None = None) -> tuple[SalesContact, ...]:
        """Append the contacts with those ids, or all, to the book. Raises AddressBookClosed; nothing is written."""
        from crmkit.exchange.address_book import contacts_to  # noqa: PLC0415 - loaded on use

        with self._scope.writing() as work:
            wanted = work.unit.find(Query(kind=SalesContact)) if contacts is None else self._chosen(work, contacts)
            going = tuple(work.read_many(wanted))
            work.announce(ContactsExported(at=work.known.now, by=work.by, contacts=going))
            contacts_to(book, going)
            return going

    def _chosen(self, work: "Work", ids: Iterable[UUID]) -> list[SalesContact]:
        return [self._there(work, id) for id in several("contacts", ids)]

    def matches(self, contact: SalesContact | UUID, *, fuzzy: bool = False) -> list[Match[SalesContact]]:
        """Those that are or may be the same person as a contact, a record (saved or not) or an id, best first, with the
        reasons. `fuzzy` adds suggestions: similar names at the same accounts.

        Raises NotFound, and MissingExtra where `fuzzy` is asked for without the extra `dedupe`.
        """
        with self._scope.reading() as work:
            asked = contact if isinstance(contact, SalesContact) else self._there(work, contact)
            return contact_matches(work, asked, fuzzy=fuzzy)

    def match(self, contact: SalesContact | UUID) -> Match[SalesContact] | None:
        """The one that is the same person as a contact: of the same e-mail address and a name that agrees, or the same
        name and telephone number. Raises NotFound; Ambiguous with all of them where there are several.
        """
        return one_match("the contact", self.matches(contact))

    def of_account(self, account: UUID) -> list[SalesContact]:
        """The contacts cross-referenced to an account: the pick list wherever a record names that account."""
        return list(self.find(account=account))


def _account(work: "Work", account: Account | UUID) -> Account:
    if isinstance(account, Account):
        return account
    id = as_id("account", account)
    found = work.unit.get(Account, id)
    if found is None:
        raise gone(work.unit, Account, id)
    return found


def _unsaved(contact: SalesContact) -> SalesContact:
    """The contact as a new one: a book may hold contacts that were exported to it, from here or from elsewhere."""
    if not contact.version:
        return contact
    kept = {name: getattr(contact, name) for name in contact.spec.content if name not in _OF_A_SAVED_CONTACT}
    return SalesContact(**kept)


class SalesPeriods(Repository[SalesPeriod]):
    """The sales periods, made for a year at once."""

    @repeated
    def make_year(
        self, year: int, kind: str = "quarter", *, first_month: int = 1, weeks: str = "", first_weekday: int = 0
    ) -> list[SalesPeriod]:
        """Save a year's periods: months, quarters or the year, by the calendar or of whole weeks ("4-4-5").

        A year may begin in any month, and weeks on any day: see `crmkit.periods.year_periods`. Raises Invalid,
        Refused where one would overlap a period of its kind, Duplicate where a code is taken; none is saved.
        """
        from crmkit.periods.calendars import year_periods  # noqa: PLC0415 - loaded on use

        periods = year_periods(year, kind, first_month=first_month, weeks=weeks, first_weekday=first_weekday)
        with self._scope.writing() as work:
            return self._add(work, list(periods))


class Accounts(Mergeable[A]):
    """Prospects, customers or both, with who is the same company, and the report by territory."""

    def matches(self, account: Account | UUID, *, fuzzy: bool = False) -> list[Match[A]]:
        """Those of this kind that are or may be the same company as an account, a record (saved or not) or an id, best
        first, with the reasons. `fuzzy` adds suggestions: names that are only similar.

        Raises NotFound (Merged of a merged id), and MissingExtra where `fuzzy` is asked for without the extra `dedupe`.
        """
        with self._scope.reading() as work:
            return account_matches(work, _account(work, account), self.kind, fuzzy=fuzzy)

    def match(self, account: Account | UUID) -> Match[A] | None:
        """The one that is the same company as an account: of the same tax number, or the same name and a domain, an
        e-mail address or a telephone number. Raises NotFound; Ambiguous with all of them where there are several.
        """
        return one_match("the account", self.matches(account))

    def by_territory(self) -> Grouped:
        """How many there are in each territory, with their employees and revenue; those without one are a row too."""
        with self._scope.reading() as work:
            accounts = work.unit.find(Query(kind=self.kind))
            return grouped_by_territory(accounts, work.unit.find(Query(kind=Territory)))

    def teams(self, account: UUID) -> Sequence[TeamAssignment]:
        """Who works for an account: teams and salespersons. Raises NotFound."""
        with self._scope.reading() as work:
            there = _account(work, as_id("account", account))
            return work.unit.find(Query(kind=TeamAssignment, where=(Equals("target", there.id),)))
