"""What conversions and merges are asked wrongly: a typed error that says what to give, and nothing is written."""

import inspect
import json
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

import crmkit
from crmkit import (
    AlreadyConverted,
    Busy,
    Conversion,
    Crm,
    Customer,
    Estimate,
    Invalid,
    Lead,
    Merge,
    Merged,
    NotFound,
    Opportunity,
    Order,
    Prospect,
    Refused,
    SalesContact,
    StalePlan,
)
from crmkit.app.asking import busy_if_stale
from crmkit.entities.matching import KEYS, person_key
from crmkit.exchange.plans import plan_from_json, plan_to_json
from crmkit.queries import Matches
from crmkit.testing.servers import SERVERS


@pytest.fixture
def world(crm: Crm) -> SimpleNamespace:
    """A CRM with two prospects, and the receipts of a conversion and a merge."""
    one, other, third, fourth = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt", "Cove", "Dale"))
    fifth = crm.prospects.add(Prospect(name="Elm"))
    return SimpleNamespace(
        crm=crm,
        one=one,
        other=other,
        conversion=crm.conversion.convert(third),
        merge=crm.prospects.merge(fourth, into=fifth),
    )


RECEIPTS: dict[str, Callable[[Any], object]] = {
    "delete a merge": lambda w: w.crm.merges.delete(w.merge.id),
    "delete a conversion": lambda w: w.crm.conversions.delete(w.conversion),
    "edit a conversion": lambda w: w.crm.conversions.update(w.conversion, undone_at=w.crm.now()),
    "edit a merge": lambda w: w.crm.merges.update(w.merge, undone_at=w.crm.now()),
    "forge a conversion": lambda w: w.crm.conversions.add(Conversion(account=w.one.id)),
    "forge a merge": lambda w: w.crm.merges.add(
        Merge(absorbed_kind="prospects", absorbed=w.one.id, survivor=w.other.id)
    ),
}


class TestReceipts:
    """Receipts are written by the services alone."""

    @pytest.mark.parametrize("act", RECEIPTS.values(), ids=RECEIPTS)
    def test_nobody_writes_one_by_hand(self, world: SimpleNamespace, everything: Any, act: Any) -> None:
        """Not added, edited or deleted: the refusal says which calls write them, and nothing has changed."""
        before = everything(world.crm)
        with pytest.raises(Refused, match=r"(conversion|merging)\.undo"):
            act(world)
        assert everything(world.crm) == before

    def test_a_row_that_forges_one_is_a_fault(self, world: SimpleNamespace) -> None:
        """The others of `add_many` are not its matter."""
        report = world.crm.conversions.add_many([{"account": str(world.one.id)}])
        assert report.records == ()
        assert "conversion.undo" in str(report.faults[0].error)

    def test_one_that_is_saved_as_it_is_stays(self, world: SimpleNamespace) -> None:
        """Nothing differs, so nothing is written and nothing refused."""
        assert world.crm.conversions.update(world.conversion) == world.conversion

    def test_services_and_copies_go_on(
        self, world: SimpleNamespace, everything: Any, tmp_path: Any, open_crm: Callable[..., Crm], store_name: str
    ) -> None:
        """A dump and a copy bring the receipts along; undone by them, both stand apart again."""
        world.crm.dump(tmp_path / "all.jsonl")
        loaded, copied = (open_crm(store_name, starter=None) for _ in range(2))
        loaded.load(tmp_path / "all.jsonl")
        world.crm.copy_to(copied)
        assert everything(loaded) == everything(copied) == everything(world.crm)
        assert copied.conversion.undo(world.conversion).name == "Cove"
        assert str(copied.merging.undo(world.merge)) == "Dale"


class TestPlans:
    """What a plan is asked for, and what it finds."""

    def test_a_saved_opportunity_carries_over_by_itself(self, crm: Crm) -> None:
        """Asked to be opened once more, it is refused in the plan; left out, it is the customer's."""
        acme = crm.prospects.add(Prospect(name="Acme"))
        deal = crm.opportunities.add(Opportunity(account=acme.id, description="Deal"))
        plan = crm.conversion.plan(acme, opportunity=deal)
        assert [(one.code, one.record) for one in plan.refused] == [("saved-already", deal.id)]
        assert plan.refused == plan_from_json(plan_to_json(plan)).refused
        crm.conversion.convert(acme)
        assert crm.opportunities.get(deal.id) == deal

    def test_a_number_that_another_opportunity_has_is_a_finding(self, crm: Crm) -> None:
        """In the plan, and not a Duplicate once it is applied."""
        acme = crm.prospects.add(Prospect(name="Acme"))
        deal = crm.opportunities.add(Opportunity(account=acme.id, description="Deal"))
        fresh = Opportunity(account=acme.id, description="Another", number=deal.number)
        assert [one.code for one in crm.conversion.plan(acme, opportunity=fresh).refused] == ["number-in-use"]

    def test_saved_records_do_where_ids_are_asked_for(self, crm: Crm) -> None:
        """Of prospects, leads, customers, contacts and receipts."""
        acme, bolt = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt"))
        lead = crm.leads.add(Lead(account=acme.id, description="Inquiry"))
        plan = crm.conversion.plan(acme, opportunity=lead)
        assert plan == crm.conversion.plan(acme.id, opportunity=lead.id)
        assert plan_from_json(plan_to_json(plan)) == plan
        receipt = crm.conversion.apply(plan)
        customer = crm.customers.get(receipt.customer_id)
        ana, again = (
            crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[one.id])) for one in (customer, bolt)
        )
        into = crm.conversion.convert(bolt, into=customer, merge_contacts=[(again, ana)])
        assert crm.sales_contacts.resolve(again.id).id == ana.id
        assert crm.conversion.prospect_of(into).id == bolt.id
        assert crm.conversion.undo(into).name == "Bolt"
        assert crm.conversion.undo(receipt).name == "Acme"

    def test_a_record_that_is_not_saved_is_no_id(self, crm: Crm) -> None:
        """It says to add it first."""
        with pytest.raises(NotFound, match="not saved yet: add it first"):
            crm.conversion.plan(Prospect(name="New"))

    def test_a_plan_of_another_crm_names_its_prospect(self, crm: Crm, beside: Any) -> None:
        """Which is not there: that its lead and its policy are others is not what is told."""
        acme = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=acme.id))
        for plan in (crm.conversion.plan(acme), crm.conversion.plan(acme, opportunity=lead)):
            for policy in (crmkit.Policy(), crmkit.Policy(customer_required=["sic_code"])):
                with pytest.raises(NotFound, match=f"no prospect {acme.id}"):
                    beside(tenant="another", policy=policy).conversion.apply(plan)


async def _afterwards(_: Any) -> None:
    """What nobody awaits."""


async def _ids() -> AsyncIterator[Any]:
    """Ids, asynchronously."""
    yield 1


WRONG: dict[str, Callable[[Any], object]] = {
    "plan of None": lambda w: w.crm.conversion.apply(None),
    "plan of an id": lambda w: w.crm.conversion.apply(w.one.id),
    "plan of a number": lambda w: w.crm.conversion.apply(w.one.number),
    "plan of a record": lambda w: w.crm.conversion.apply(w.one),
    "plan of a merge": lambda w: w.crm.conversion.apply(w.crm.prospects.plan_merge(w.one, w.other)),
    "merge of None": lambda w: w.crm.merging.apply(None),
    "merge of an id": lambda w: w.crm.merging.apply(w.one.id),
    "merge of a conversion's plan": lambda w: w.crm.merging.apply(w.crm.conversion.plan(w.one)),
    "a key that is a number": lambda w: w.crm.conversion.convert(w.one, key=1),
    "a key of bytes": lambda w: w.crm.conversion.convert(w.one, key=b"x"),
    "a key that is a flag": lambda w: w.crm.conversion.convert(w.one, key=True),
    "a key of half a character": lambda w: w.crm.conversion.convert(w.one, key="\ud800"),
    "a key in apply": lambda w: w.crm.conversion.apply(w.crm.conversion.plan(w.one), key=1),
    "values of a number": lambda w: w.crm.conversion.plan(w.one, 3),
    "values under numbers": lambda w: w.crm.conversion.plan(w.one, {3: 4}),
    "values of a merge": lambda w: w.crm.merging.plan(w.one, w.other, 3),
    "fields of text": lambda w: w.crm.prospects.plan_merge(w.one, w.other, fields="name"),
    "fields of a list": lambda w: w.crm.merging.plan(w.one, w.other, fields=["name"]),
    "fields of a number": lambda w: w.crm.merging.merge_many([], fields=1),
    "fields into": lambda w: w.crm.conversion.plan(w.one, into="match", fields="name"),
    "contacts of text": lambda w: w.crm.conversion.plan(w.one, into="match", merge_contacts="all"),
    "contacts of ids": lambda w: w.crm.conversion.plan(w.one, into="match", merge_contacts=[w.one.id]),
    "many: None": lambda w: w.crm.conversion.convert_many(None),
    "many: an id": lambda w: w.crm.conversion.convert_many(w.one.id),
    "many: a record": lambda w: w.crm.conversion.convert_many(w.one),
    "many: text": lambda w: w.crm.conversion.convert_many("abc"),
    "many: an async generator": lambda w: w.crm.conversion.convert_many(_ids()),
    "many: values": lambda w: w.crm.conversion.convert_many([w.one.id], 3),
    "merges: an id": lambda w: w.crm.merging.merge_many(w.one.id),
    "merges: text": lambda w: w.crm.merging.merge_many("ab"),
    "merges: None": lambda w: w.crm.merging.merge_many(None),
    "merges: progress": lambda w: w.crm.merging.merge_many([(w.one.id, w.other.id)], progress=3),
    "progress of a number": lambda w: w.crm.conversion.convert_many([w.one.id], progress=3),
    "progress that waits": lambda w: w.crm.conversion.convert_many([w.one.id], progress=_afterwards),
    **{
        f"batch {size!r}": lambda w, size=size: w.crm.conversion.convert_many([w.one.id], batch=size)  # type: ignore[misc]
        for size in (0, "2", None, 1.5, True)
    },
}


@pytest.mark.parametrize("ask", WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_is_told_before_anything_is_written(
    world: SimpleNamespace, everything: Any, ask: Callable[[Any], object]
) -> None:
    """As Invalid, naming what was given; nothing has changed."""
    before = everything(world.crm)
    with pytest.raises(Invalid):
        ask(world)
    assert everything(world.crm) == before


def test_what_is_asked_for_of_one_at_a_time_is_told_of_many(world: SimpleNamespace, everything: Any) -> None:
    """At once, all of it, saying what takes it: each row was refused, as if they were fields of a customer."""
    takes = inspect.signature(world.crm.conversion.convert).parameters.values()
    alone = {one.name: "x" for one in takes if one.kind is inspect.Parameter.KEYWORD_ONLY}
    before = everything(world.crm)
    with pytest.raises(Invalid, match="one at a time, by convert") as wrong:
        world.crm.conversion.convert_many([world.one.id], notes="x", **alone)
    assert [fault.field for fault in wrong.value.faults] == list(alone)
    assert everything(world.crm) == before


class TestRows:
    """Rows of `convert_many` and `merge_many`."""

    def test_a_mapping_is_ids_and_values(self, crm: Crm) -> None:
        """The values are the customer's; for merges, what is absorbed and its survivor."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in "ABC")
        report = crm.conversion.convert_many({one.id: {"sic_code": "100"}, two.id: None})
        assert report.counts == {"converted": 2}
        assert [crm.customers.get(each.id).sic_code for each in (one, two)] == ["100", ""]
        four = crm.prospects.add(Prospect(name="D"))
        assert crm.merging.merge_many({three.id: four.id}).counts == {"merged": 1}

    def test_a_row_that_cannot_be_read_is_refused_alone(self, crm: Crm) -> None:
        """Of any shape; the others are converted, also those given as lists and records."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in "ABC")
        wrong: list[Any] = [(one.id,), (one.id, 3), (one.id, {3: 4}), (), (one.id, {}, {}), None, 3]
        report = crm.conversion.convert_many([*wrong, [one.id, {"sic_code": "100"}], (two.id, None), three])
        assert [row.outcome for row in report] == ["refused"] * len(wrong) + ["converted"] * 3
        assert [row.prospect for row in report.rows[:5]] == wrong[:5]
        assert all(row.reasons for row in report.of("refused"))
        assert crm.customers.get(one.id).sic_code == "100"

    def test_a_pair_that_cannot_be_read_is_refused_alone(self, crm: Crm) -> None:
        """The others are merged."""
        one, two, three, four = (crm.prospects.add(Prospect(name=name)) for name in "ABCD")
        wrong: list[Any] = [one.id, (one.id,), (one.id, two.id, three.id), None, (one.id, 3)]
        rows = [*wrong, [one.id, two.id], (three, four)]
        report = crm.merging.merge_many(rows)
        assert [row.outcome for row in report] == ["refused"] * len(wrong) + ["merged"] * 2
        assert {one.name for one in crm.prospects.find()} == {"B", "D"}

    def test_the_reports_name_the_records(self, crm: Crm) -> None:
        """By number and name beside the id: ids made together end alike."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt", "Cove"))
        many = crm.conversion.convert_many([one.id, (one.id, {}), (two.id, {"colour": "red"}), 3], batch=2)
        assert [row.named for row in many] == [f"{one.number}, Acme"] * 2 + [f"{two.number}, Bolt", ""]
        assert f"{two.number}, Bolt (…" in str(many)
        pairs: list[Any] = [(two.id, three.id), (one.id, three.id), (3, three.id)]
        merges = crm.merging.merge_many(pairs)
        said = [(row.absorbed_named, row.survivor_named) for row in merges]
        cove = f"{three.number}, Cove"
        customer = crm.customers.get(one.id)
        assert said == [(f"{two.number}, Bolt", cove), (f"{customer.number}, Acme", cove), ("", cove)]
        assert f"{two.number}, Bolt (…" in str(merges)
        assert f"{two.number}, Bolt into {cove}: merged" in str(merges.rows[0])


ALTERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "no customer": lambda said: said.update(customer=None),
    "another customer": lambda said: said["customer"].update(id="00000000-0000-4000-8000-000000000001"),
    "a prospect that is not saved": lambda said: said["prospect"].update(version=0),
    "no request": lambda said: said.update(request=None),
    "a request of another type": lambda said: said.update(request={}),
    "a policy of another type": lambda said: said.update(policy=3),
    "counts of text": lambda said: said.update(carried={"leads": "1"}),
    "a lead that nobody asked for": lambda said: said.update(opening=None),
    "an opportunity that is gone": lambda said: said.update(opportunity=None),
    "an opportunity of another account": lambda said: said["opportunity"].update(
        account="00000000-0000-4000-8000-000000000001"
    ),
    "an outcome that there is not": lambda said: said["unmapped"].append(
        ["name", {"as": "written", "value": "x"}, "lost", "", {"as": "written", "value": None}]
    ),
    "a message of another type": lambda said: said["refused"].append(["code", 3, "", None]),
}


class TestJson:
    """Plans from elsewhere."""

    @pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
    def test_what_cannot_have_come_of_a_plan_is_invalid_on_reading(self, alter: Callable[[Any], object]) -> None:
        """Each by itself, of a plan that can be read as it is."""
        with crmkit.connect("memory:") as crm:
            acme = crm.prospects.add(Prospect(name="Acme"))
            lead = crm.leads.add(Lead(account=acme.id))
            said = json.loads(plan_to_json(crm.conversion.plan(acme, opportunity=lead)))
        assert plan_from_json(json.dumps(said)).prospect == acme
        alter(said)
        with pytest.raises(Invalid):
            plan_from_json(json.dumps(said))

    def test_a_refused_plan_without_its_refusals_is_invalid(self) -> None:
        """It has no customer."""
        with crmkit.connect("memory:") as crm:
            acme = crm.prospects.add(Prospect(name="Acme"))
            said = json.loads(plan_to_json(crm.conversion.plan(acme, name="")))
        assert said["refused"]
        with pytest.raises(Invalid, match="nothing is refused"):
            plan_from_json(json.dumps({**said, "refused": []}))

    @pytest.mark.parametrize("given", [None, {}, [], 3])
    def test_what_is_no_text_is_invalid(self, given: Any) -> None:
        """And what is no plan of a conversion cannot be written."""
        with pytest.raises(Invalid, match="plan_to_json"):
            plan_from_json(given)
        with pytest.raises(Invalid, match="a merge is planned where it is applied"):
            plan_to_json(given)

    def test_a_plan_made_by_hand_without_customer_is_not_applied(self, crm: Crm) -> None:
        """It says to plan again."""
        acme = crm.prospects.add(Prospect(name="Acme"))
        with pytest.raises(Invalid, match="plan again"):
            crm.conversion.apply(crmkit.ConversionPlan(prospect=acme, customer=None))


class TestMerged:
    """What is said of ids that were merged away."""

    def test_where_the_survivor_is_gone_too_it_is_said(self, crm: Crm) -> None:
        """Nobody is sent to a record that is not there."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in "ABC")
        crm.prospects.merge(one, into=two)
        with pytest.raises(Merged, match="use that id"):
            crm.prospects.get(one.id)
        crm.prospects.delete(two.id)
        for ask in (crm.prospects.get, crm.conversion.plan, lambda id: crm.prospects.plan_merge(id, three)):
            with pytest.raises(NotFound, match=f"merged into {two.id}, which is gone since") as told:
                ask(one.id)
            assert not isinstance(told.value, Merged)
        report = crm.merging.merge_many([(one.id, three.id)])
        assert "gone since" in report.rows[0].reasons[0]

    def test_a_merged_prospect_is_named_as_one(self, crm: Crm) -> None:
        """Where any account is asked for."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in "AB")
        crm.prospects.merge(one, into=two)
        for ask in (crm.conversion.carried, crm.accounts.get, crm.accounts.matches):
            with pytest.raises(Merged, match=f"no prospect {one.id}"):
                ask(one.id)


def test_who_has_no_plan_hears_of_no_stale_one() -> None:
    """That another was faster is that the store was busy, which is met by trying again."""

    def stale() -> None:
        raise StalePlan("prospect", Prospect(name="A").id, 1, 2, ["name was A, is B"])

    with pytest.raises(Busy, match="try again"):
        busy_if_stale(stale)


@pytest.mark.parametrize("act", ["convert", "convert_many", "merge", "merge_many"])
@pytest.mark.parametrize("name", SERVERS)
def test_what_plans_by_itself_plans_anew(open_crm: Callable[..., Crm], clock: Any, name: str, act: str) -> None:
    """An edit that another saves between the plan and the change is in what is saved, and nobody hears of a plan."""
    crm = open_crm(name)
    acme, bolt = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt"))
    other = crmkit.connect(crm.store, clock=clock, user="another")
    edits = iter([acme])
    crm.on("Event", lambda *_: [other.prospects.update(one, notes="edited meanwhile") for one in edits], "before")
    if act == "convert":
        crm.conversion.convert(acme)
    elif act == "merge":
        crm.prospects.merge(acme, into=bolt)
    elif act == "convert_many":
        assert crm.conversion.convert_many([acme.id]).counts == {"converted": 1}
    else:
        assert crm.merging.merge_many([(acme.id, bolt.id)]).counts == {"merged": 1}
    survivor = crm.accounts.resolve(acme.id)
    assert isinstance(survivor, Customer if act.startswith("convert") else Prospect)
    assert survivor.notes == "edited meanwhile"


@pytest.mark.parametrize("name", SERVERS)
def test_who_merges_what_was_converted_meanwhile_is_told_that(
    open_crm: Callable[..., Crm], clock: Any, name: str
) -> None:
    """As where nobody comes between: it is a customer by now."""
    crm = open_crm(name)
    acme, bolt = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt"))
    other = crmkit.connect(crm.store, clock=clock, user="another")
    left = iter([acme])
    crm.on("Event", lambda *_: [other.conversion.convert(one) for one in left], "before")
    with pytest.raises(NotFound, match="it is a customer"):
        crm.prospects.merge(acme, into=bolt)


@pytest.fixture
def after_first(monkeypatch: pytest.MonkeyPatch) -> Callable[[Crm, str, Callable[[], object]], list[str]]:
    """Lets another act once, right after the CRM's unit has first asked the store that way; gives what has acted."""

    def prepare(crm: Crm, asking: str, act: Callable[[], object]) -> list[str]:
        with crm.begin() as work:
            unit = type(work.unit)
        ask, acted = getattr(unit, asking), list[str]()

        def asked(self: Any, *given: Any, **named: Any) -> Any:
            found = ask(self, *given, **named)
            if not acted:
                acted.append(asking)
                act()
            return found

        monkeypatch.setattr(unit, asking, asked)
        return acted

    return prepare


class TestWhoWasFaster:
    """Units that write see what others commit meanwhile: that is no reason of its own to refuse."""

    @pytest.mark.parametrize("key", ["", "form 1"])
    @pytest.mark.parametrize("name", SERVERS)
    def test_to_convert_the_same(
        self, open_crm: Callable[..., Crm], clock: Any, after_first: Any, name: str, key: str
    ) -> None:
        """The opportunity that came of the lead is the winner's: who asked under the same key gets that receipt, and
        whoever else hears who was first.
        """
        crm = open_crm(name)
        acme = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=acme.id, description="E-bikes"))
        other = crmkit.connect(crm.store, clock=clock, user="another")
        made: list[Any] = []
        acted = after_first(
            crm, "counts", lambda: made.append(other.conversion.convert(acme, opportunity=lead, key=key))
        )
        if key:
            assert crm.conversion.convert(acme, opportunity=lead, key=key).id == made[0].id
        else:
            with pytest.raises(AlreadyConverted) as already:
                crm.conversion.convert(acme, opportunity=lead)
            assert already.value.receipt == made[0].id
        assert acted == ["counts"]
        assert crm.opportunities.count() == 1

    @pytest.mark.parametrize("name", SERVERS)
    def test_to_convert_what_is_planned(
        self, open_crm: Callable[..., Crm], clock: Any, after_first: Any, name: str
    ) -> None:
        """A plan is told the same."""
        crm = open_crm(name)
        acme = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=acme.id, description="E-bikes"))
        other = crmkit.connect(crm.store, clock=clock, user="another")
        acted = after_first(crm, "counts", lambda: other.conversion.convert(acme, opportunity=lead))
        with pytest.raises(AlreadyConverted):
            crm.conversion.plan(acme, opportunity=lead)
        assert acted == ["counts"]

    @pytest.mark.parametrize("into", [False, True])
    @pytest.mark.parametrize("name", SERVERS)
    def test_to_undo_the_same(
        self, open_crm: Callable[..., Crm], clock: Any, after_first: Any, name: str, *, into: bool
    ) -> None:
        """It was undone already, and that is all there is to say."""
        crm = open_crm(name)
        acme, bolt = crm.prospects.add(Prospect(name="Acme")), crm.customers.add(Customer(name="Bolt"))
        receipt = crm.conversion.convert(acme, into=bolt) if into else crm.conversion.convert(acme)
        other = crmkit.connect(crm.store, clock=clock, user="another")
        acted = after_first(crm, "get", lambda: other.conversion.undo(receipt))
        with pytest.raises(Refused) as refused:
            crm.conversion.undo(receipt)
        assert [one.code for one in refused.value.findings] == ["undone"]
        assert acted == ["get"]
        assert crm.conversion.plan(acme).refused == ()

    @pytest.mark.parametrize("name", SERVERS)
    def test_to_undo_the_same_merge(
        self, open_crm: Callable[..., Crm], clock: Any, after_first: Any, name: str
    ) -> None:
        """As with a conversion."""
        crm = open_crm(name)
        acme, bolt = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt"))
        receipt = crm.prospects.merge(acme, into=bolt)
        other = crmkit.connect(crm.store, clock=clock, user="another")
        acted = after_first(crm, "get", lambda: other.merging.undo(receipt))
        with pytest.raises(Refused) as refused:
            crm.merging.undo(receipt)
        assert [one.code for one in refused.value.findings] == ["undone"]
        assert acted == ["get"]

    @pytest.mark.parametrize("account", [Prospect(name="Acme"), Customer(name="Acme")], ids=["prospect", "customer"])
    @pytest.mark.parametrize("again", [False, True])
    @pytest.mark.parametrize("accepted", [False, True])
    @pytest.mark.parametrize("name", SERVERS)
    def test_to_order_from_the_same_estimate(
        self, open_crm: Callable[..., Crm], clock: Any, name: str, account: Any, *, again: bool, accepted: bool
    ) -> None:
        """There is one order, and who was slower hears of it as who comes later does; asked for again, there are two.

        Of a prospect there is one conversion.
        """
        crm = open_crm(name)
        acme: Any = getattr(crm, account.spec.about.plural).add(account)
        estimate = crm.estimates.add(Estimate(account=acme.id))
        if accepted:
            estimate = crm.estimates.accept(estimate.id)
        other = crmkit.connect(crm.store, clock=clock, user="another")
        left, made = iter([estimate.id]), list[Any]()
        crm.on("Event", lambda *_: made.extend(other.estimates.order(one, convert=True) for one in left), "before")
        if again:
            assert crm.estimates.order(estimate.id, convert=True, again=True).number != made[0].number
        else:
            with pytest.raises(Refused) as slower:
                crm.estimates.order(estimate.id, convert=True)
            with pytest.raises(Refused) as later:
                crm.estimates.order(estimate.id, convert=True)
            assert slower.value.findings == later.value.findings
            assert [(one.code, one.record) for one in slower.value.findings] == [("ordered-already", made[0].id)]
        assert crm.orders.count() == 1 + again
        assert crm.conversions.count() == isinstance(account, Prospect)
        assert crm.estimates.get(estimate.id).status == "accepted"


@pytest.mark.parametrize("name", ["memory", "sqlite", *SERVERS])
def test_a_call_that_is_run_again_is_given_the_same_ids(open_crm: Callable[..., Crm], clock: Any, name: str) -> None:
    """So that what an application's own ids are does not depend on the store."""
    drawn: list[UUID] = []

    def next_id() -> UUID:
        drawn.append(UUID(int=len(drawn) + 1))
        return drawn[-1]

    crm = crmkit.connect(open_crm(name).store, clock=clock, ids=next_id)
    acme = crm.prospects.add(Prospect(name="Acme"))
    with pytest.raises(Invalid, match="customer"):
        crm.orders.add(Order(customer=acme.id))
    assert len(drawn) == 2
    assert crm.prospects.add(Prospect(name="Bolt")).id == UUID(int=3)


def test_services_say_what_they_do(crm: Crm) -> None:
    """Printed, they list their calls."""
    assert "convert_many" in repr(crm.conversion)
    assert "merge_many" in repr(crm.merging)


def test_words_of_a_search_by_key_are_text() -> None:
    """A key is a text; a number or None is none."""
    wrong: list[Any] = [3, None, [3], [None]]
    for keys in wrong:
        with pytest.raises(TypeError, match="a key is text"):
            Matches("name", keys)


@pytest.mark.parametrize("key", [*KEYS.values(), person_key])
@pytest.mark.parametrize("given", [None, 3, b"acme"])
def test_a_key_is_made_of_text(key: Callable[[Any], str], given: Any) -> None:
    """Anything else is a TypeError that says so."""
    with pytest.raises(TypeError, match="a key is made of text"):
        key(given)
