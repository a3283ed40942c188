"""Converting many, and asking under a key: each once, whatever happens in between."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import Crm, Lead, Opportunity, OpportunityTask, Policy, Prospect, Refused, TeamAssignment, Vetoed
from crmkit.changes import ProspectConverted


def filled(crm: Crm, count: int = 7) -> list[Prospect]:
    """Prospects, the first ones with more hanging from them than the last."""
    made = list(
        crm.prospects.add_many([Prospect(name=f"Company {n}", tax_number=f"T{n}") for n in range(count)]).records
    )
    for number, one in enumerate(made):
        for _ in range(number % 3):
            deal = crm.opportunities.add(Opportunity(account=one.id, description="Deal"))
            crm.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="Call"))
        if number % 2:
            crm.leads.add(Lead(account=one.id, description="Inquiry"))
    return made


class TestBulk:
    """`convert_many`."""

    def test_each_row_has_its_outcome(self, crm: Crm) -> None:
        """Converted, converted before, named twice, unknown, no id at all; the rows are those of the input."""
        made = filled(crm)
        crm.conversion.convert(made[2].id)
        asked = [made[0].id, made[2].id, made[1].id, made[0].id, uuid4(), "nonsense", str(made[3].id)]
        report = crm.conversion.convert_many(asked)
        assert [row.row for row in report] == [1, 2, 3, 4, 5, 6, 7]
        assert [row.outcome for row in report] == [
            "converted",
            "already",
            "converted",
            "repeated",
            "refused",
            "refused",
            "converted",
        ]
        assert [row.prospect for row in report] == asked
        assert report.counts == {"converted": 3, "already": 1, "repeated": 1, "refused": 2}
        assert report.rows[1].customer_number == crm.customers.get(made[2].id).number
        assert "nonsense" in report.rows[5].reasons[0]
        assert "<table" in report._repr_html_()
        for row in report.of("converted"):
            assert row.receipt is not None
            customer = crm.customers.get(row.receipt.customer_id)
            assert row.customer_number == row.receipt.customer_number == customer.number

    @pytest.mark.parametrize("batch", [1, 2, 3, 500])
    def test_it_is_as_one_by_one(
        self, open_crm: Callable[..., Crm], store_name: str, counting_ids: Any, batch: int
    ) -> None:
        """The same customers, receipts and counts, whatever the size of a batch and the order."""
        answers = []
        for how in ("one by one", "in bulk"):
            crm = open_crm(store_name, ids=counting_ids())
            made = filled(crm)
            order = [made[n].id for n in (4, 0, 6, 2, 5, 1, 3)]
            if how == "in bulk":
                receipts = [row.receipt for row in crm.conversion.convert_many(order, batch=batch)]
            else:
                receipts = [crm.conversion.convert(id) for id in order]
            answers.append(
                [
                    (one.account, one.customer_number, dict(one.carried), one.prospect_number, one.customer_version)
                    for one in receipts
                    if one is not None
                ]
            )
            assert crm.prospects.count() == 0
            assert {one.id for one in crm.customers.all()} == set(order)
            answers[-1].append(sorted((o.number, o.account) for o in crm.opportunities.all()))
        assert answers[0] == answers[1]

    @settings(max_examples=10)
    @given(data=st.data())
    def test_any_order_and_any_size_of_batch(self, data: st.DataObject) -> None:
        """Every prospect is converted once, with what hung from it."""
        with crmkit.connect("memory:") as crm:
            made = filled(crm)
            expected = {one.id: crm.conversion.plan(one.id).carried for one in made}
            rows = data.draw(st.lists(st.sampled_from([one.id for one in made]), max_size=14))
            size = data.draw(st.integers(1, 9))
            report = crm.conversion.convert_many(iter(rows), batch=size)
            converted = {row.receipt.account: row.receipt for row in report.of("converted") if row.receipt}
            assert converted.keys() == set(rows)
            assert len(report) == len(rows)
            for id, receipt in converted.items():
                assert receipt.carried == {kind: count for kind, count in expected[id].items() if count}
            assert crm.customers.count() == len(converted)

    def test_what_is_refused_stays_a_prospect(self, open_crm: Callable[..., Crm], store_name: str) -> None:
        """By policy, by a value that is none, by a number that is taken: each by itself, with its reasons."""
        crm = open_crm(store_name, policy=Policy(customer_required=["sic_code"]))
        made = filled(crm)
        taken = crm.conversion.convert(made[0].id, sic_code="100").customer_number
        report = crm.conversion.convert_many(
            [
                made[1].id,
                (made[2].id, {"sic_code": "200"}),
                (made[3].id, {"sic_code": "300", "number": taken}),
                (made[4].id, {"sic_code": "400", "colour": "red"}),
                (made[5].id, {"sic_code": "500", "number": "C900000"}),
                (made[6].id, {"sic_code": "600", "number": "C900000"}),
            ]
        )
        assert [row.outcome for row in report] == ["refused", "converted", "refused", "refused", "converted", "refused"]
        assert "sic_code" in report.rows[0].reasons[0]
        assert taken in report.rows[2].reasons[0]
        assert "colour" in report.rows[3].reasons[0]
        assert crm.customers.get(made[5].id).number == "C900000"
        assert {one.id for one in crm.prospects.all()} == {made[n].id for n in (1, 3, 4, 6)}

    def test_a_veto_is_of_its_row_alone(self, crm: Crm) -> None:
        """The others of the batch are converted."""
        made = filled(crm)

        def veto(event: ProspectConverted, _: Any) -> None:
            if event.prospect.id == made[3].id:
                raise Vetoed("not this one")

        crm.on(ProspectConverted, veto, phase="before")
        report = crm.conversion.convert_many([one.id for one in made])
        assert report.counts == {"converted": 6, "refused": 1}
        assert "not this one" in report.rows[3].reasons[0]
        assert [one.id for one in crm.prospects.all()] == [made[3].id]

    def test_handlers_are_told_of_each(self, crm: Crm) -> None:
        """With its own prospect, customer and receipt."""
        made = filled(crm)
        told: list[ProspectConverted] = []
        crm.on(ProspectConverted, lambda event, _: told.append(event))
        report = crm.conversion.convert_many([one.id for one in made])
        assert [(e.prospect.id, e.customer.id, e.conversion.account) for e in told] == [(one.id,) * 3 for one in made]
        assert [event.conversion for event in told] == [row.receipt for row in report]

    def test_stopped_half_way_it_goes_on_later(self, crm: Crm) -> None:
        """What was saved stays; run again, the rest is converted and nothing twice."""
        made = filled(crm)
        seen: list[int] = []

        def stop(report: Any) -> None:
            seen.append(len(report))
            if len(seen) == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            crm.conversion.convert_many((one.id for one in made), batch=2, progress=stop)
        assert crm.customers.count() == 4
        report = crm.conversion.convert_many((one.id for one in made), batch=2)
        assert report.counts == {"already": 4, "converted": 3}
        assert crm.conversions.count() == 7

    def test_those_alike_are_told_or_refused(self, crm: Crm) -> None:
        """Earlier rows count before later ones; who is refused stays as he is."""
        alike = [crm.prospects.add(Prospect(name=name, tax_number="X1")).id for name in ("One", "Two", "Three")]
        report = crm.conversion.convert_many(alike[:2])
        assert [row.outcome for row in report] == ["converted", "converted"]
        assert "One" in report.rows[1].reasons[0]
        refused = crm.conversion.convert_many(alike[2:], refuse_duplicates=True)
        assert refused.counts == {"refused": 1}
        assert len(refused.rows[0].reasons) == 2

    def test_those_alike_in_earlier_rows_are_named_by_their_row(self, crm: Crm) -> None:
        """The first five of them; however many are alike, a row says no more."""
        made = crm.prospects.add_many([Prospect(name="Alike", email="hello@alike.example") for _ in range(9)]).records
        rows = crm.conversion.convert_many([one.id for one in made]).rows
        assert [len(row.reasons) for row in rows] == [0, 1, 2, 3, 4, 5, 6, 6, 6]
        assert rows[1].reasons[0].startswith("may be row 1, Alike: ")
        assert rows[8].reasons[-1] == "may be 3 more"

    @pytest.mark.parametrize("batch", [1, 500])
    def test_a_number_that_an_earlier_row_was_given_is_taken(self, crm: Crm, batch: int) -> None:
        """Numbers are given in the order of the rows, so that a batch comes out as one by one, on every store."""
        one, two, three = crm.prospects.add_many([Prospect(name=name) for name in ("One", "Two", "Three")]).records
        report = crm.conversion.convert_many([one.id, (two.id, {"number": "c000001"}), three.id], batch=batch)
        assert [row.outcome for row in report] == ["converted", "refused", "converted"]
        assert "C000001 is One's" in report.rows[1].reasons[0]
        assert [row.customer_number for row in report] == ["C000001", "", "C000002"]

    def test_in_a_unit_of_work_it_is_part_of_it(self, crm: Crm) -> None:
        """Taken back with it."""
        made = filled(crm)
        found = []

        def convert_and_fail() -> None:
            with crm.begin() as work:
                found.append(work.conversion.convert_many([one.id for one in made], batch=2).counts)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            convert_and_fail()
        assert found == [{"converted": 7}]
        assert crm.prospects.count() == 7

    def test_undone_and_done_again(self, crm: Crm) -> None:
        """Each receipt takes its own back; converting again gives the customers their numbers."""
        made = filled(crm)
        first = crm.conversion.convert_many([one.id for one in made])
        for row in first:
            assert row.receipt is not None
            crm.conversion.undo(row.receipt.id)
        assert [one.name for one in crm.prospects.find(sort="name")] == [one.name for one in made]
        again = crm.conversion.convert_many([one.id for one in made])
        assert [row.customer_number for row in again] == [row.customer_number for row in first]

    def test_a_batch_takes_few_statements(self, crm: Crm) -> None:
        """Not more than 20, whatever is in it, and no more for more."""
        store: Any = crm.store
        if not hasattr(store, "fault_at"):
            return
        unit: Any = type(store.begin(tenant="x", clock=crm.now, read_only=True))
        said: list[str] = []
        execute = unit.execute
        made = filled(crm, 60)
        seller = crm.salespersons.add(crmkit.Salesperson(name="Eva"))
        crm.team_assignments.add_many([TeamAssignment(target=one.id, holder=seller.id) for one in made])
        store.fault_at = said.append

        def noted(self: Any, statement: str, values: Any = ()) -> Any:
            said.append(statement)
            return execute(self, statement, values)

        counts = []
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(unit, "execute", noted)
            for some in (made[:20], made[20:]):
                said.clear()
                assert crm.conversion.convert_many([one.id for one in some]).counts == {"converted": len(some)}
                counts.append(len(said))
        assert max(counts) <= 20


class TestKeys:
    """Asking under a key of the caller's."""

    def test_the_same_request_gets_the_same_receipt(self, crm: Crm) -> None:
        """Planned and applied, or both at once; also when it was undone since."""
        (one,) = filled(crm, 1)
        plan = crm.conversion.plan(one.id, sic_code="100")
        receipt = crm.conversion.apply(plan, key="a")
        assert crm.conversion.apply(plan, key="a") == receipt
        assert crm.conversion.convert(one.id, sic_code="100", key="a") == receipt
        assert crm.conversions.count() == 1
        crm.conversion.undo(receipt.id)
        assert crm.conversion.convert(one.id, sic_code="100", key="a").id == receipt.id
        assert crm.prospects.get(one.id).id == one.id

    def test_another_request_is_refused(self, crm: Crm) -> None:
        """Another prospect, or other values; another key, whatever its letters' case, is another request."""
        one, two = filled(crm, 2)
        crm.conversion.convert(one.id, key="a")
        for ask in (
            lambda: crm.conversion.convert(two.id, key="a"),
            lambda: crm.conversion.convert(one.id, sic_code="100", key="a"),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            assert [finding.code for finding in refused.value.findings] == ["key-in-use"]
        assert crm.conversion.convert(two.id, key="A").account == two.id

    def test_those_at_the_same_moment_get_one_receipt(self, crm: Crm) -> None:
        """However many ask under one key."""
        (one,) = filled(crm, 1)
        got: list[Any] = []
        start = threading.Barrier(6)

        def ask() -> None:
            start.wait()
            try:
                got.append(crm.conversion.convert(one.id, key="k").id)
            except BaseException as error:  # noqa: BLE001 - looked at below
                got.append(error)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(got)) == 1
        assert crm.conversions.count() == 1


def test_a_lost_race_tells_who_won(crm: Crm) -> None:
    """The customer, by whom, and by which conversion."""
    (one,) = filled(crm, 1)
    with crm.begin(by="ana") as work:
        receipt = work.conversion.convert(one.id)
    with pytest.raises(crmkit.AlreadyConverted) as lost:
        crm.conversion.convert(one.id)
    assert (lost.value.by, lost.value.receipt, lost.value.customer_number) == (
        "ana",
        receipt.id,
        receipt.customer_number,
    )
    assert "converted by ana" in str(lost.value)
