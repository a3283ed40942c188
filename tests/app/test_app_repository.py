"""The repository: adding many, updating, deleting, parts and history, the same on every store."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from crmkit import (
    Address,
    Conflict,
    Crm,
    Duplicate,
    Email,
    Estimate,
    EstimateLine,
    Event,
    Invalid,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityTask,
    Percent,
    Prospect,
    Refused,
    SalesContact,
    Salesperson,
    Stage,
    TeamAssignment,
    evolve,
)

NOBODY: Any = ["nobody"]


@pytest.fixture
def prospect(crm: Crm) -> Prospect:
    """A company on file."""
    return crm.prospects.add(Prospect(name="Acme Bikes", employees=10))


@pytest.fixture
def estimate(crm: Crm, prospect: Prospect) -> Estimate:
    """An estimate with three lines."""
    lines = [EstimateLine(description=name, unit_price=price) for name, price in (("A", 1), ("B", 2), ("C", 3))]
    return crm.estimates.add(Estimate(account=prospect.id, lines=lines))


class TestUpdate:
    """Saving a record that was read before."""

    def test_it_returns_the_new_value(self, crm: Crm, clock: Any, prospect: Prospect) -> None:
        """An update returns the record as it is now: version, instant and user moved on, all else kept."""
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ana") as work:
            changed = work.prospects.update(prospect, employees=11, phone="+34 1")
        assert changed == crm.prospects.get(prospect.id)
        assert (changed.version, changed.recorded_at, changed.recorded_by) == (2, clock(), "ana")
        expected = {name: getattr(prospect, name) for name in prospect.spec.content}
        expected |= {"employees": 11, "phone": changed.phone}
        assert {name: getattr(changed, name) for name in changed.spec.content} == expected

    def test_an_edited_copy_is_saved_too(self, crm: Crm, prospect: Prospect) -> None:
        """A copy made with `evolve` is saved as it is."""
        assert crm.prospects.update(evolve(prospect, name="Acme")).name == crm.prospects.get(prospect.id).name == "Acme"

    def test_a_conflict_names_both_versions(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A record that another has changed since is not overwritten; the error names both versions and what to do."""
        crm.prospects.update(prospect, employees=11)
        before = everything(crm)
        with pytest.raises(Conflict, match=r"read at version 1, but it is at version 2: read it again") as stale:
            crm.prospects.update(prospect, name="Mine")
        assert (stale.value.id, stale.value.expected, stale.value.found) == (prospect.id, 1, 2)
        assert everything(crm) == before

    def test_nothing_is_written_where_nothing_differs(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """An update to the values that are there already writes no version, no history and tells of nothing."""
        heard: list[Event] = []
        crm.on(Event, lambda event, _: heard.append(event))
        before = everything(crm)
        assert crm.prospects.update(prospect) == prospect
        assert crm.prospects.update(prospect, name=" Acme Bikes ", employees=10) == prospect
        assert everything(crm) == before
        assert heard == []

    def test_fixed_fields_stay(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A number, once given, is not changed."""
        before = everything(crm)
        with pytest.raises(Invalid, match="number: is fixed once it is saved; it is P000001"):
            crm.prospects.update(prospect, number="P9")
        assert everything(crm) == before

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            pytest.param(lambda crm, p: crm.prospects.update(Prospect(name="New")), Invalid, id="not saved yet"),
            pytest.param(lambda crm, p: crm.prospects.add(p), Invalid, id="saved already"),
            pytest.param(lambda crm, p: crm.prospects.update(p, colour="red"), Invalid, id="no such field"),
            pytest.param(lambda crm, p: crm.prospects.update(evolve(p, id=uuid4())), NotFound, id="not there"),
            pytest.param(lambda crm, p: crm.prospects.add(Lead(account=p.id)), Invalid, id="of another kind"),
            pytest.param(lambda crm, p: crm.accounts.add(p), Invalid, id="saved already, by the base"),
            pytest.param(lambda crm, p: crm.prospects.get(uuid4()), NotFound, id="get"),
            pytest.param(lambda crm, p: crm.prospects.get("P000001"), NotFound, id="get by number"),
            pytest.param(lambda crm, p: crm.prospects.get(None), NotFound, id="get of nothing"),
            pytest.param(lambda crm, p: crm.prospects.get_many(NOBODY), NotFound, id="get_many of no ids"),
            pytest.param(lambda crm, p: crm.conversion.plan("nobody"), NotFound, id="plan of no id"),
            pytest.param(lambda crm, p: crm.conversion.undo("nobody"), NotFound, id="undo of no id"),
            pytest.param(lambda crm, p: crm.leads.promote("nobody"), NotFound, id="promote of no id"),
            pytest.param(lambda crm, p: crm.prospects.delete("nobody"), NotFound, id="delete of no id"),
            pytest.param(lambda crm, p: crm.customers.get(p.id), NotFound, id="get of another kind"),
            pytest.param(lambda crm, p: crm.prospects.delete(uuid4()), NotFound, id="delete"),
            pytest.param(lambda crm, p: crm.prospects.history(uuid4()), NotFound, id="history"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, crm: Crm, prospect: Prospect, everything: Any, change: Any, error: type[Exception]
    ) -> None:
        """Adding what is saved, updating what is not, or asking for what is not there is an error; nothing changes."""
        before = everything(crm)
        with pytest.raises(error):
            change(crm, prospect)
        assert everything(crm) == before

    def test_an_id_may_be_given_as_text(self, crm: Crm, prospect: Prospect) -> None:
        """What reads an id takes its text too, as it comes from a form or an address."""
        text: Any = str(prospect.id)
        assert crm.prospects.get(text) == prospect
        assert crm.prospects.get_many([text]) == [prospect]
        assert len(crm.prospects.history(text)) == 1
        assert list(crm.prospects.find(id=text)) == [prospect]
        assert list(crm.leads.find(account=text)) == []
        assert crm.conversion.plan(text) == crm.conversion.plan(prospect.id)
        crm.prospects.delete(text)
        assert crm.prospects.count() == 0

    def test_in_one_unit_a_record_may_be_updated_again(self, crm: Crm, prospect: Prospect) -> None:
        """Within a unit of work each update continues from the one before, and all are one commit."""
        with crm.begin() as work:
            once = work.prospects.update(prospect, employees=11)
            twice = work.prospects.update(once, employees=12)
        assert crm.prospects.get(prospect.id) == twice
        states = [(past.record.version, past.record.employees) for past in crm.prospects.history(prospect.id)]
        assert states == [(1, 10), (2, 11), (3, 12)]
        instants: list[Any] = [past.record.recorded_at for past in crm.prospects.history(prospect.id)]
        assert instants == sorted(instants), "an instant never moves backwards within a record"


class TestParts:
    """Lines, e-mails and cross-references, which are records of their own."""

    def test_adding_a_line_touches_no_other(self, crm: Crm, estimate: Estimate) -> None:
        """A line added in any of three ways moves neither the owner's version nor another line's."""
        added = crm.estimate_lines.add(EstimateLine(estimate=estimate.id, description="D", unit_price=4))
        assert (added.position, added.amount) == (4, Money("4", "EUR"))
        read = crm.estimates.get(estimate.id)
        assert read.lines == (*estimate.lines, added)
        read = crm.estimates.update(read, lines=[*read.lines, EstimateLine(description="E", unit_price=5)])
        read = crm.estimates.update(evolve(read, lines=[*read.lines, EstimateLine(description="F", unit_price=6)]))
        assert read.lines[:4] == (*estimate.lines, added)
        assert [(line.description, line.position) for line in read.lines[4:]] == [("E", 5), ("F", 6)]
        assert read.version == estimate.version == 1
        assert read.total == Money("21", "EUR")

    def test_what_another_has_added_since_stays(self, crm: Crm, estimate: Estimate) -> None:
        """Naming the lines deletes those that were seen and are left out, never one that another has added since."""
        theirs = crm.estimate_lines.add(EstimateLine(estimate=estimate.id, description="D", unit_price=4))
        read = crm.estimates.update(estimate, lines=estimate.lines[1:])
        assert read.lines == (*estimate.lines[1:], theirs)

    def test_a_line_is_edited_in_place(self, crm: Crm, estimate: Estimate) -> None:
        """An edited line keeps its id and place, and has its amount computed anew; the others are untouched."""
        first, second, third = estimate.lines
        read = crm.estimates.update(estimate, lines=[first, evolve(second, quantity="2.5", discount=10), third])
        assert (read.lines[0], read.lines[2]) == (first, third)
        edited = read.lines[1]
        assert (edited.id, edited.version, edited.position) == (second.id, 2, 2)
        assert (edited.quantity, edited.discount, edited.amount) == (
            Decimal("2.5"),
            Percent(10),
            Money("4.50", "EUR"),
        )
        assert read.version == 1

    def test_a_line_changed_by_another_is_a_conflict(self, crm: Crm, estimate: Estimate, everything: Any) -> None:
        """Editing a line that another has changed or deleted since is refused, and nothing is written."""
        crm.estimate_lines.update(estimate.lines[0], description="Theirs")
        crm.estimate_lines.delete(estimate.lines[1].id)
        before = everything(crm)
        for place in (0, 1):
            mine = [evolve(line, quantity=7) if n == place else line for n, line in enumerate(estimate.lines)]
            with pytest.raises(Conflict) as stale:
                crm.estimates.update(evolve(estimate, taken_by="me"), lines=mine)
            assert stale.value.id in (estimate.lines[0].id, estimate.lines[1].id)
        assert everything(crm) == before

    def test_removing_all_lines(self, crm: Crm, estimate: Estimate) -> None:
        """No lines named: none left, and the total is nothing."""
        read = crm.estimates.update(estimate, lines=[])
        assert (read.lines, read.total, crm.estimate_lines.count()) == ((), Money("0", "EUR"), 0)

    def test_values_change_where_they_are_named(self, crm: Crm, prospect: Prospect) -> None:
        """E-mails and cross-references change as sets and lists of values do; those that stay keep their record."""
        contact = crm.sales_contacts.add(
            SalesContact(given_name="Ana", emails=["a@x.example", "b@x.example"], accounts=[prospect.id])
        )
        kept = crm.contact_emails.find(email="b@x.example")[0]
        other = crm.prospects.add(Prospect(name="Other"))
        changed = crm.sales_contacts.update(
            contact, emails=["c@x.example", "b@x.example"], accounts=[*contact.accounts, other.id]
        )
        assert changed.emails == (Email("c@x.example"), Email("b@x.example"))
        assert set(changed.accounts) == {prospect.id, other.id}
        assert crm.sales_contacts.get(contact.id) == changed
        assert crm.contact_emails.get(kept.id) == kept
        assert crm.sales_contacts.update(changed, accounts=[]).accounts == ()
        assert crm.contact_accounts.count() == 0

    def test_records_with_parts_read_back_as_they_were_returned(self, crm: Crm, estimate: Estimate) -> None:
        """What `add` and `update` return is what `get`, `get_many`, `find` and `all` read."""
        assert crm.estimates.get(estimate.id) == estimate
        assert crm.estimates.get_many([estimate.id, uuid4(), estimate.id]) == [estimate]
        assert list(crm.estimates.find()) == list(crm.estimates.all()) == [estimate]
        updated = crm.estimates.update(estimate, taken_by="ana", lines=estimate.lines[:1])
        assert crm.estimates.get(estimate.id) == updated


class TestAddMany:
    """Many records in one call, with a report of the rows that were not taken."""

    def test_faults_are_reported_by_row(self, crm: Crm, prospect: Prospect) -> None:
        """Good rows are saved, bad ones reported by their number with the error each met; entities and dicts alike."""
        rows: list[Any] = [
            Lead(account=prospect.id, description="one"),
            {"account": str(prospect.id), "description": "two", "received_on": "2026-03-01"},
            {"account": str(uuid4()), "description": "of nobody"},
            {"description": "without account"},
            {"account": str(prospect.id), "colour": "red"},
            Lead(account=prospect.id, status="no such status"),
            Lead(account=prospect.id, number="L000001"),
            {"account": str(prospect.id), "received_on": "yesterday"},
            Lead(account=prospect.id, description="nine"),
            prospect,
        ]
        added = crm.leads.add_many(rows)
        assert [lead.description for lead in added.records] == ["one", "two", "nine"]
        assert [fault.row for fault in added.faults] == [3, 4, 5, 6, 7, 8, 10]
        assert [type(fault.error) for fault in added.faults] == [
            *(Invalid, Invalid, Invalid, Invalid, Duplicate, Invalid, Invalid)
        ]
        assert "row 6: " in str(added)
        assert {lead.id for lead in crm.leads.find()} == {lead.id for lead in added.records}
        assert len({lead.number for lead in added.records}) == 3

    def test_dicts_say_the_same_as_entities(self, crm: Crm) -> None:
        """A dict of a record's fields in plain data gives an equal record."""
        added = crm.prospects.add_many(
            [
                {
                    "name": "Acme",
                    "employees": 12,
                    "phone": "+34 1",
                    "address": {"street": "Calle 1", "city": "Sevilla"},
                    "company_revenue": {"amount": "12.50", "currency": "EUR"},
                }
            ]
        )
        assert added.faults == ()
        assert added.records[0].address == Address("Calle 1", city="Sevilla")
        assert added.records[0].company_revenue == Money("12.50", "EUR")

    def test_parts_are_saved_with_their_owner(self, crm: Crm, prospect: Prospect) -> None:
        """Rows bring their lines; a row with a bad line is not taken, the others are."""
        rows = [
            {"account": str(prospect.id), "lines": [{"description": "A", "quantity": "2", "unit_price": "1.5"}]},
            {"account": str(prospect.id), "lines": [{"description": "B", "quantity": "many"}]},
            Estimate(account=prospect.id, lines=[EstimateLine(description="C", item=uuid4())]),
        ]
        added = crm.estimates.add_many(rows)
        assert [fault.row for fault in added.faults] == [2, 3]
        assert [one.total for one in added.records] == [Money("3.00", "EUR")]
        assert crm.estimate_lines.count() == 1

    def test_none_and_thousands(self, crm: Crm) -> None:
        """No rows give nothing; a thousand are numbered in their order."""
        assert (crm.prospects.add_many([]).records, crm.prospects.add_many([]).faults) == ((), ())
        added = crm.prospects.add_many(Prospect(name=f"Company {n}") for n in range(1000))
        assert added.faults == ()
        numbers = [one.number for one in added.records]
        assert numbers == sorted(set(numbers))
        assert crm.prospects.count() == 1000

    def test_in_a_unit_of_work_it_is_part_of_it(self, crm: Crm, everything: Any) -> None:
        """Rows added in a unit that fails later are not saved."""
        before = everything(crm)

        def fail(work: Any) -> None:
            assert len(work.prospects.add_many([{"name": "A"}, {"name": ""}]).records) == 1
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            crm.run(fail)
        assert everything(crm) == before


class TestDelete:
    """Deleting, and what speaks against it."""

    def test_it_lists_who_refers(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A record that others refer to stays; the refusal names every one of them."""
        lead = crm.leads.add(Lead(account=prospect.id))
        opportunity = crm.leads.promote(lead.id)
        contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id]))
        before = everything(crm)
        with pytest.raises(Refused, match="deleting the prospect") as refused:
            crm.prospects.delete(prospect.id)
        named = {finding.record for finding in refused.value.findings}
        link = crm.contact_accounts.find(sales_contact=contact.id)[0]
        assert named == {lead.id, opportunity.id, link.id}
        assert lead.number in str(refused.value)
        assert opportunity.number in str(refused.value)
        assert everything(crm) == before

    def test_parts_go_with_their_owner(self, crm: Crm, prospect: Prospect) -> None:
        """An opportunity takes its tasks and team assignments along; what it refers to stays; history stays."""
        opportunity = crm.opportunities.add(Opportunity(description="E-bikes", account=prospect.id))
        task = crm.opportunity_tasks.add(OpportunityTask(opportunity=opportunity.id, description="Call"))
        sam = crm.salespersons.add(Salesperson(name="Sam"))
        assigned = crm.team_assignments.add(TeamAssignment(target=opportunity.id, holder=sam.id))
        crm.opportunities.delete(opportunity)
        for repository, record in (
            (crm.opportunities, opportunity),
            (crm.opportunity_tasks, task),
            (crm.team_assignments, assigned),
        ):
            assert repository.count() == 0
            (past,) = repository.history(record.id)
            assert (past.record.id, past.deleted) == (record.id, True)
        assert crm.salespersons.get(sam.id) == sam
        assert crm.prospects.get(prospect.id) == prospect

    def test_lines_go_with_their_owner(self, crm: Crm, estimate: Estimate) -> None:
        """An estimate takes its lines along."""
        crm.estimates.delete(estimate.id)
        assert (crm.estimates.count(), crm.estimate_lines.count()) == (0, 0)
        assert [len(crm.estimate_lines.history(line.id)) for line in estimate.lines] == [1, 1, 1]

    def test_a_stale_record_is_not_deleted(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A record given as it was read is deleted only if nobody has changed it since."""
        changed = crm.prospects.update(prospect, employees=1)
        before = everything(crm)
        with pytest.raises(Conflict, match="read it again"):
            crm.prospects.delete(prospect)
        assert everything(crm) == before
        crm.prospects.delete(changed)
        assert crm.prospects.count() == 0

    def test_a_code_in_use_stays(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A code value in use is not deleted, and the refusal says who uses it; one that is not in use is."""
        podcast = crm.stages.add(Stage(code="podcast"))
        opportunity = crm.opportunities.add(Opportunity(description="E", account=prospect.id, stage="podcast"))
        before = everything(crm)
        with pytest.raises(Refused) as refused:
            crm.stages.delete(podcast)
        assert opportunity.id in {finding.record for finding in refused.value.findings}
        assert everything(crm) == before
        crm.opportunities.update(opportunity, stage="")
        crm.stages.delete(podcast)
        assert crm.stages.count(code="podcast") == 0


class TestHistory:
    """Every saved state is kept."""

    def test_every_state_is_kept(self, crm: Crm, clock: Any, prospect: Prospect) -> None:
        """History has each saved state, when and by whom it ended, and whether by deletion."""
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ana") as work:
            changed = work.prospects.update(prospect, employees=11)
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ben") as work:
            work.prospects.delete(prospect.id)
        first, second = crm.prospects.history(prospect.id)
        assert (first.record, first.until, first.ended_by, first.deleted) == (
            prospect,
            changed.recorded_at,
            "ana",
            False,
        )
        assert (second.record, second.until, second.ended_by, second.deleted) == (changed, clock(), "ben", True)
        assert crm.history(prospect) == [first, second]

    def test_the_present_state_comes_last(self, crm: Crm, prospect: Prospect) -> None:
        """The last state of a record that is there has no end."""
        changed = crm.prospects.update(prospect, employees=11)
        assert crm.prospects.history(prospect)[-1].record == changed
        assert crm.prospects.history(prospect)[-1].until is None

    def test_an_account_has_one_history(self, crm: Crm, prospect: Prospect) -> None:
        """What an account was as a prospect and as a customer is one history, whoever is asked."""
        crm.conversion.convert(prospect.id)
        kinds = [type(past.record).__name__ for past in crm.customers.history(prospect.id)]
        assert kinds == ["Prospect", "Customer"]
        assert crm.accounts.history(prospect.id) == crm.customers.history(prospect.id)

    def test_parts_have_their_own(self, crm: Crm, estimate: Estimate) -> None:
        """A line's states are in the line's history, not in its owner's."""
        line = crm.estimate_lines.update(estimate.lines[0], quantity=3)
        assert [past.record.version for past in crm.estimate_lines.history(line.id)] == [1, 2]
        assert len(crm.estimates.history(estimate.id)) == 1


def test_paging_reads_everything_once(crm: Crm) -> None:
    """Pages by key follow each other without gap or repetition, also where many records are equal in the sort field."""
    names = ["b", "a", "B", "a", "ä", "", "c"]
    for place, name in enumerate(names):
        crm.prospects.add(Prospect(name=f"x{place}", legal_name=name))
    for sort in ("", "legal_name", "-legal_name", "-id"):
        seen: list[UUID] = []
        page: Any = crm.prospects.find(sort=sort, limit=2)
        while page is not None:
            assert 0 < len(page) <= 2
            seen += [one.id for one in page]
            page = page.next()
        assert seen == [one.id for one in crm.prospects.find(sort=sort)]
        assert len(set(seen)) == len(names)
    assert crm.prospects.find(sort="-legal_name")[-1].legal_name == "", "empty ones come last either way"


def test_a_page_that_is_full_and_the_last_has_no_next(crm: Crm) -> None:
    """Behind the last record there is no page, also where it filled the page before."""
    for place in range(4):
        crm.prospects.add(Prospect(name=f"x{place}"))
    second = crm.prospects.find(limit=2).next()
    assert second is not None
    assert len(second) == 2
    assert second.next() is None


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": -1}, {"sort": "notes"}, {"sort": "colour"}, {"lines": 1}])
def test_a_question_that_makes_no_sense_is_refused(crm: Crm, asked: dict[str, Any]) -> None:
    """A limit below one, an order or a criterion that there is not, is an error that says what there is."""
    with pytest.raises(Invalid, match=r"at least 1|can be|there are"):
        crm.prospects.find(**asked)
