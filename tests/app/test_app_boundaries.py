"""Tenants, licences, units of work, events and the sweep: what the application keeps apart and together."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

import crmkit
from crmkit import (
    AccessDenied,
    Created,
    Crm,
    Event,
    FollowUpDue,
    Invalid,
    Lead,
    NotFound,
    Opportunity,
    OpportunityTask,
    Prospect,
    Refused,
    Stage,
    Updated,
    Vetoed,
)


class TestTenants:
    """A CRM is bound to one tenant and cannot name another's records."""

    def test_nothing_of_one_is_seen_by_another(self, crm: Crm, beside: Any, clock: Any) -> None:
        """Whatever is asked, another tenant's records are as if they were not there; their numbers are their own."""
        other = beside(tenant="other")
        mine = crm.prospects.add(Prospect(name="Mine"))
        theirs = other.prospects.add(Prospect(name="Theirs"))
        assert mine.number == theirs.number == "P000001"
        assert list(crm.prospects.find()) == list(crm.accounts.all()) == [mine]
        assert list(other.prospects.find(name="")) == []
        assert (crm.prospects.count(), crm.prospects.count(name="theirs")) == (1, 0)
        assert crm.prospects.get_many([mine.id, theirs.id]) == [mine]
        for ask in (
            lambda: crm.prospects.get(theirs.id),
            lambda: crm.prospects.history(theirs.id),
            lambda: crm.prospects.delete(theirs.id),
            lambda: crm.prospects.update(theirs, name="Stolen"),
            lambda: crm.conversion.plan(theirs.id),
            lambda: crm.conversion.convert(theirs.id),
            lambda: crm.as_of(clock()).prospects.get(theirs.id),
        ):
            with pytest.raises(NotFound):
                ask()
        assert other.prospects.get(theirs.id) == theirs

    def test_nothing_refers_across(self, crm: Crm, beside: Any, everything: Any) -> None:
        """A reference to another tenant's record is a reference to nothing."""
        other = beside(tenant="other")
        theirs = other.prospects.add(Prospect(name="Theirs"))
        territory = other.territories.add(crmkit.Territory(code="NORTH"))
        before, before_there = everything(crm), everything(other)
        for record in (
            Lead(account=theirs.id),
            Opportunity(description="O", account=theirs.id),
            crmkit.SalesContact(given_name="Ana", accounts=[theirs.id]),
            crmkit.Interaction(subject=theirs.id),
            Prospect(name="P", territory=territory.id),
            crmkit.Note(target=theirs.id, text="N"),
        ):
            with pytest.raises(Invalid, match="there is no"):
                crm[type(record)].add(record)
        assert everything(crm) == before
        assert everything(other) == before_there

    def test_code_tables_are_a_tenants_own(self, crm: Crm, beside: Any) -> None:
        """A stage of one tenant is none of another's."""
        other = beside(tenant="other")
        crm.stages.add(Stage(code="pilot"))
        account = other.prospects.add(Prospect(name="P")).id
        with pytest.raises(Invalid, match="'pilot' is no stage"):
            other.opportunities.add(Opportunity(description="O", account=account, stage="pilot"))

    @pytest.mark.parametrize("tenant", ["", "x" * 61, "a\nb", "a\x00b"])
    def test_a_tenant_has_a_usable_name(self, tenant: str) -> None:
        """A tenant's name is a short printable text."""
        with pytest.raises(Invalid, match="tenant: is a text of 1 to 60 printable characters"):
            crmkit.connect("memory:", tenant=tenant)


class TestStarting:
    """What a new tenant begins with."""

    def test_the_starter_set_is_given_once(self, crm: Crm, beside: Any) -> None:
        """A tenant that has code tables keeps them as they are, also where it emptied one of them."""
        stage = crm.stages.find(code="proposal")[0]
        crm.stages.update(stage, label="Offer")
        crm.won_reasons.add_many([])
        for reason in list(crm.won_reasons.find()):
            crm.won_reasons.delete(reason)
        again = beside(starter="es")
        assert again.stages.get(stage.id).label == "Offer"
        assert again.won_reasons.count() == 0

    def test_languages_and_own_sets(self, open_crm: Any, store_name: str) -> None:
        """Labels come in English or Spanish; own values or none are taken as given."""
        assert open_crm(store_name, starter="es").stages.find(code="proposal")[0].label == "Propuesta"
        own = open_crm(store_name, starter=[Stage(code="only")])
        assert [one.code for one in own.stages.find()] == ["only"]
        assert own.lead_statuses.count() == 0
        assert open_crm(store_name, starter=None).stages.count() == 0

    def test_without_licence_for_anybody_a_tenant_starts_all_the_same(self, beside: Any) -> None:
        """Opening a new tenant is no user's act: its starter set is there whoever opens it."""
        crm = beside(tenant="new", licences={}, user="nobody")
        with pytest.raises(AccessDenied):
            crm.stages.find()
        assert beside(tenant="new").stages.count() > 0

    @pytest.mark.parametrize(
        ("settings", "field"),
        [
            ({"currency": "XXX"}, "currency"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"starter": "fr"}, "language"),
        ],
    )
    def test_unusable_settings_are_refused(self, settings: dict[str, Any], field: str) -> None:
        """A currency, time zone or language that there is not is refused with what there is."""
        with pytest.raises(Invalid) as refused:
            crmkit.connect("memory:", **settings)
        assert [fault.field for fault in refused.value.faults] == [field]


class TestUnitOfWork:
    """All of it or nothing."""

    def test_what_is_done_in_it_is_seen_in_it(self, crm: Crm) -> None:
        """Within a unit what was written is read, by id, query, count and part; others see it once it has ended."""
        with crm.begin() as work:
            prospect = work.prospects.add(Prospect(name="Acme"))
            lead = work.leads.add(Lead(account=prospect.id))
            assert work.prospects.get(prospect.id) == prospect
            assert list(work.leads.find(account=prospect.id)) == [lead]
            assert work.leads.count() == 1
        assert crm.leads.get(lead.id) == lead

    def test_an_error_caught_inside_undoes_that_call_alone(self, crm: Crm) -> None:
        """A call that is refused within a unit leaves what was done before it intact, and more can be done after it."""
        with crm.begin() as work:
            first = work.prospects.add(Prospect(name="First"))
            for wrong in (
                lambda: work.prospects.add(Prospect(name="Thief", number=first.number)),
                lambda: work.leads.add(Lead(account=uuid4())),
                lambda: work.leads.add(Lead(account=first.id, status="no such status")),
                lambda: work.prospects.update(first, territory=uuid4()),
                lambda: work.prospects.get(uuid4()),
            ):
                with pytest.raises(crmkit.CrmkitError):
                    wrong()
            second = work.prospects.add(Prospect(name="Second"))
        assert list(crm.prospects.find()) == [first, second]
        assert crm.leads.count() == 0

    def test_reading_units_do_not_write(self, crm: Crm, everything: Any) -> None:
        """A unit begun to read refuses to write."""
        before = everything(crm)
        with pytest.raises(crmkit.CrmkitError), crm.begin(read_only=True) as work:
            work.prospects.add(Prospect(name="Acme"))
        assert everything(crm) == before

    def test_run_gives_what_the_task_gives(self, crm: Crm) -> None:
        """`run` is one unit of work and returns what its task returns; what the task raises undoes it."""
        prospect = crm.run(lambda work: work.prospects.add(Prospect(name="Acme")), by="ana")
        assert crm.prospects.get(prospect.id).recorded_by == "ana"

        def fail(work: Any) -> None:
            work.prospects.update(prospect, name="Other")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            crm.run(fail)
        assert crm.prospects.get(prospect.id) == prospect

    def test_run_tries_again_where_the_store_was_busy(self, crm: Crm) -> None:
        """Where the store is busy the task is run again from the start, ten times at most."""
        tries: list[int] = []

        def task(work: Any) -> Prospect:
            tries.append(len(tries))
            prospect: Prospect = work.prospects.add(Prospect(name="Acme"))
            if len(tries) < 3:
                raise crmkit.Busy("injected")
            return prospect

        prospect = crm.run(task)
        assert len(tries) == 3
        assert [one.id for one in crm.prospects.find()] == [prospect.id]

        def never(_: Any) -> None:
            tries.append(0)
            raise crmkit.Busy("injected")

        tries.clear()
        with pytest.raises(crmkit.Busy):
            crm.run(never)
        assert len(tries) == 10

    def test_two_writers_one_after_the_other(self, crm: Crm) -> None:
        """What a unit has read and another has changed meanwhile is a conflict when it is written."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        crm.prospects.update(prospect, employees=1)
        with pytest.raises(crmkit.Conflict), crm.begin() as work:
            work.prospects.update(prospect, employees=2)
        assert crm.prospects.get(prospect.id).employees == 1

    def test_a_repository_that_there_is_not_is_named(self, crm: Crm) -> None:
        """Asking for a repository that there is not names those that there are."""
        with pytest.raises(AttributeError, match=r"has no 'bicycles'; its repositories are .*prospects"):
            crm.bicycles  # noqa: B018 - the access is the test


class TestHandlers:
    """Before: may veto. After: harm nobody."""

    def test_a_veto_undoes_the_whole_unit_or_the_call(self, crm: Crm, everything: Any) -> None:
        """A veto raised out of a unit undoes all of it; caught within, it undoes the vetoed call alone."""

        def veto(event: Created, _: Any) -> None:
            if isinstance(event.record, Lead):
                raise Vetoed("no leads today")

        crm.on(Created, veto, "before")
        prospect = crm.prospects.add(Prospect(name="Acme"))
        before = everything(crm)

        def change(work: Any) -> None:
            work.prospects.update(prospect, name="Changed")
            work.leads.add(Lead(account=prospect.id))

        with pytest.raises(Refused, match="no leads today") as vetoed:
            crm.run(change)
        assert isinstance(vetoed.value, Vetoed)
        assert vetoed.value.reason == "no leads today"
        assert everything(crm) == before
        with crm.begin() as work:
            kept = work.prospects.update(prospect, name="Changed")
            with pytest.raises(Vetoed):
                work.leads.add(Lead(account=prospect.id))
        assert crm.prospects.get(prospect.id) == kept

    def test_before_handlers_work_in_the_unit(self, crm: Crm) -> None:
        """What a *before* handler writes is part of the unit: saved with it, or not at all."""

        def note(event: Created, work: Any) -> None:
            if isinstance(event.record, Lead):
                work.prospects.update(work.prospects.get(event.record.account), notes="has a lead")

        crm.on(Created, note, "before")
        prospect = crm.prospects.add(Prospect(name="Acme"))
        crm.leads.add(Lead(account=prospect.id))
        assert crm.prospects.get(prospect.id).notes == "has a lead"
        with pytest.raises(Invalid):
            crm.leads.add(Lead(account=prospect.id, campaign=uuid4()))
        assert len(crm.prospects.history(prospect.id)) == 2

    def test_handlers_are_called_in_order_and_end(self, crm: Crm) -> None:
        """Handlers of a type are called in the order in which they were set, and no more once they were ended."""
        called: list[str] = []
        ends = [crm.on("Created", lambda *_, name=name: called.append(name)) for name in "abc"]
        crm.prospects.add(Prospect(name="Acme"))
        ends[1]()
        crm.prospects.add(Prospect(name="Other"))
        ends[1]()
        assert called == ["a", "b", "c", "a", "c"]

    def test_a_failing_after_handler_harms_nobody(self, crm: Crm, caplog: Any) -> None:
        """A failing *after* handler changes nothing of what was saved, told or returned, not even within a handler."""
        told: list[Event] = []

        def fail(event: Event, _: Any) -> None:
            raise ZeroDivisionError("of " + type(event).__name__)

        crm.on(Event, fail)
        crm.on(Event, lambda event, _: told.append(event))
        with crm.begin() as work:
            prospect = work.prospects.add(Prospect(name="Acme"))
            work.prospects.update(prospect, employees=1)
        assert crm.prospects.get(prospect.id).version == 2
        assert [type(one) for one in told] == [Created, Updated]
        assert "ZeroDivisionError: of Created" in caplog.text

    def test_what_handlers_write_is_told_too(self, crm: Crm) -> None:
        """An *after* handler that writes causes events of its own."""
        told: list[str] = []

        def follow(event: Created, crm: Crm) -> None:
            told.append(event.record.spec.name)
            if isinstance(event.record, Prospect):
                crm.leads.add(Lead(account=event.record.id))

        crm.on(Created, follow)
        crm.prospects.add(Prospect(name="Acme"))
        assert told == ["prospect", "lead"]

    @pytest.mark.parametrize(("event", "phase"), [("Craeted", "after"), (Lead, "after"), (Created, "during")])
    def test_a_handler_of_nothing_is_refused(self, crm: Crm, event: Any, phase: str) -> None:
        """A type or a phase that there is not is refused, with those that there are."""
        with pytest.raises(Invalid, match=r"there are .*Created|is before or after"):
            crm.on(event, lambda *_: None, phase)


class TestSweep:
    """Due things are announced once each."""

    @pytest.fixture
    def lead(self, crm: Crm) -> Lead:
        """A lead to follow up on 5 March."""
        account = crm.prospects.add(Prospect(name="Acme")).id
        return crm.leads.add(Lead(account=account, follow_up_on=date(2026, 3, 5)))

    def test_due_on_the_day_overdue_after_it(self, crm: Crm, lead: Lead) -> None:
        """A follow-up is due on its day; a task is overdue from the day after its due date on."""
        chance = crm.leads.promote(lead.id)
        task = crm.opportunity_tasks.add(
            OpportunityTask(opportunity=chance.id, description="T", due_on=date(2026, 3, 5))
        )
        noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
        assert crm.sweep(noon) == []
        (follow_up,) = crm.sweep(noon + timedelta(days=1))
        assert isinstance(follow_up, FollowUpDue)
        assert follow_up.record.id == lead.id
        (overdue,) = crm.sweep(noon + timedelta(days=2))
        assert isinstance(overdue, crmkit.TaskOverdue)
        assert overdue.task.id == task.id
        assert crm.sweep(noon + timedelta(days=30)) == []

    def test_a_vetoed_or_failed_sweep_has_announced_nothing(self, crm: Crm, lead: Lead, everything: Any) -> None:
        """A sweep that fails announces nothing, and the next one does."""
        now = datetime(2026, 3, 5, tzinfo=UTC)
        told: list[Event] = []
        crm.on(FollowUpDue, lambda event, _: told.append(event))

        def veto(*_: Any) -> None:
            raise Vetoed("not now")

        end = crm.on(FollowUpDue, veto, "before")
        before = everything(crm)
        with pytest.raises(Vetoed):
            crm.sweep(now)
        assert (everything(crm), told) == (before, [])
        end()
        assert len(crm.sweep(now)) == len(told) == 1

    def test_a_date_that_comes_again_was_announced(self, crm: Crm, lead: Lead) -> None:
        """Each date of a record is announced once, also when it is put back to a date that was announced before."""
        now = datetime(2026, 3, 9, tzinfo=UTC)
        assert len(crm.sweep(now)) == 1
        lead = crm.leads.update(lead, follow_up_on=date(2026, 3, 7))
        assert len(crm.sweep(now)) == 1
        crm.leads.update(lead, follow_up_on=date(2026, 3, 5))
        assert crm.sweep(now) == []

    def test_what_was_announced_may_be_deleted(self, crm: Crm, lead: Lead) -> None:
        """The book entry of an announcement is in nobody's way: it goes with its record."""
        crm.sweep(datetime(2026, 3, 9, tzinfo=UTC))
        crm.leads.delete(lead.id)
        assert (crm.leads.count(), crm.announcements.count()) == (0, 0)

    def test_the_day_is_that_of_the_time_zone(self, open_crm: Any, store_name: str) -> None:
        """Whether something is due goes by the day in the application's time zone."""
        crm = open_crm(store_name, time_zone="Pacific/Auckland")
        account = crm.prospects.add(Prospect(name="Acme")).id
        crm.leads.add(Lead(account=account, follow_up_on=date(2026, 3, 5)))
        assert crm.sweep(datetime(2026, 3, 4, 10, 59, tzinfo=UTC)) == []
        assert len(crm.sweep(datetime(2026, 3, 4, 11, 0, tzinfo=UTC))) == 1

    def test_on_a_unit_it_is_part_of_it(self, crm: Crm, lead: Lead) -> None:
        """A sweep in a unit that fails has announced nothing."""
        now = datetime(2026, 3, 9, tzinfo=UTC)

        def fail(work: Any) -> None:
            assert len(work.sweep(now)) == 1
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            crm.run(fail)
        assert len(crm.sweep(now)) == 1
