"""Policies at work: what carries over and how, when an opened opportunity is to close, and the plan that says so."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crmkit import (
    Crm,
    Customer,
    Finding,
    Invalid,
    Lead,
    Money,
    Opportunity,
    Policy,
    Prospect,
    Refused,
    Rule,
    StalePlan,
    evolve,
    same_content,
)
from crmkit.exchange.plans import plan_from_json, plan_to_json

FIELDS: dict[str, str | None] = {
    "sic_code": "custom.industry",
    "custom.vat": "tax_number",
    "tax_number": None,
    "notes": None,
    "employees": "custom.staff",
    "company_revenue": "custom.turnover",
}


@pytest.fixture
def acme(crm: Crm) -> Prospect:
    """A prospect with fields of its own and fields of the host's."""
    return crm.prospects.add(
        Prospect(
            name="Acme",
            sic_code="3751",
            employees=12,
            company_revenue=Money("1.50", "EUR"),
            notes="Rude",
            custom={"vat": "B1", "tier": 2, "tags": ["a"]},
        )
    )


class TestMapping:
    """By declaration, in the plan, applied, undone."""

    def test_it_is_applied_as_planned(self, crm: Crm, beside: Any, acme: Prospect) -> None:
        """The customer is the plan's, one by one and in bulk; what is dropped or changed is in the plan and in JSON."""
        strict = beside(policy=Policy(customer_fields=FIELDS))
        plan = strict.conversion.plan(acme.id)
        assert {(one.field, one.how) for one in plan.unmapped} == {("notes", "dropped"), ("company_revenue", "changed")}
        assert plan_from_json(plan_to_json(plan)) == plan
        strict.conversion.apply(plan_from_json(plan_to_json(plan)))
        customer = crm.customers.get(acme.id)
        assert (customer.tax_number, customer.sic_code, customer.notes, customer.employees) == ("B1", "", "", None)
        assert dict(customer.custom) == {
            "industry": "3751",
            "staff": 12,
            "turnover": "1.50 EUR",
            "tier": 2,
            "tags": ("a",),
        }
        other = crm.prospects.add(evolve(acme, id=Prospect(name="x").id, version=0, number=""))
        (row,) = strict.conversion.convert_many([other.id])
        assert same_content(evolve(crm.customers.get(other.id), id=customer.id, number=customer.number), customer)
        assert row.outcome == "converted"

    def test_undone_the_prospect_is_as_it_was(self, crm: Crm, beside: Any, acme: Prospect) -> None:
        """Dropped and mapped values are back; own fields that were edited since are kept, key by key."""
        strict = beside(policy=Policy(customer_fields=FIELDS))
        receipt = strict.conversion.convert(acme.id)
        assert same_content(crm.conversion.undo(receipt.id), acme)
        receipt = strict.conversion.convert(acme.id)
        customer = crm.customers.get(acme.id)
        crm.customers.update(customer, custom={**customer.custom, "tier": 3, "rating": "A"})
        back = crm.conversion.undo(receipt.id)
        assert dict(back.custom) == {"vat": "B1", "tier": 3, "tags": ("a",), "rating": "A"}
        assert (back.sic_code, back.notes, back.employees) == ("3751", "Rude", 12)

    def test_changing_a_policy_changes_no_fact(self, crm: Crm, beside: Any, acme: Prospect, everything: Any) -> None:
        """What was converted under one policy is as it was under any other; its receipt keeps the first one's hash."""
        first = Policy(customer_fields=FIELDS, close_date="fiscal_quarter")
        receipt = beside(policy=first).conversion.convert(acme.id)
        before = everything(crm)
        other = beside(policy=Policy(customer_required=["web"], amount_follows_offers=True, order_wins=True))
        assert everything(other) == before
        assert other.conversions.get(receipt.id).policy == first.hash
        assert other.conversion.undo(receipt.id).sic_code == "3751"

    def test_impossible_conversions_are_refusals_all_at_once(self, crm: Crm, beside: Any, everything: Any) -> None:
        """In the plan, with the others, and the prospect stays."""
        fields = {"custom.staff": "employees", "employees": None, "web": "email", "email": None}
        strict = beside(policy=Policy(customer_fields=fields, customer_required=["tax_number"]))
        prospect = crm.prospects.add(Prospect(name="Acme", web="none", custom={"staff": "a dozen"}))
        before = everything(crm)
        plan = strict.conversion.plan(prospect.id, colour="red")
        assert {(one.code, one.field) for one in plan.refused} == {
            ("cannot-become", "custom.staff"),
            ("cannot-become", "web"),
            ("unknown-field", "colour"),
            ("required", "tax_number"),
        }
        with pytest.raises(Refused):
            strict.conversion.apply(plan)
        assert everything(crm) == before
        assert plan_from_json(plan_to_json(plan)) == plan


class TestRules:
    """The application's rules on customers speak in the plan, before anything is applied."""

    def test_a_rule_on_customers_is_asked(self, open_crm: Any, store_name: str) -> None:
        """What it says is among the refusals, one by one and in bulk; what it fills in is defaulted."""
        rule = Rule(
            Customer,
            check=lambda _, after, __: [] if after and after.web else [Finding("no-web", "is needed", "web")],
            complete=lambda _, after, __: after if after.sic_code else evolve(after, sic_code="0000"),
        )
        crm = open_crm(store_name, rules=[rule])
        prospect = crm.prospects.add(Prospect(name="Acme"))
        plan = crm.conversion.plan(prospect.id)
        assert [one.code for one in plan.refused] == ["no-web"]
        assert [(one.field, one.value, one.by) for one in plan.defaulted] == [("sic_code", "0000", "a rule on saving")]
        (row,) = crm.conversion.convert_many([prospect.id])
        assert (row.outcome, row.reasons) == ("refused", ("web: is needed",))
        crm.conversion.convert(prospect.id, web="acme.example")
        assert crm.customers.get(prospect.id).sic_code == "0000"

    def test_a_currency_that_is_none_is_refused(self, crm: Crm, everything: Any) -> None:
        """What saving a customer would not take, a conversion does not either."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        before = everything(crm)
        plan = crm.conversion.plan(prospect.id, currency="ABC")
        assert [one.field for one in plan.refused] == ["currency"]
        with pytest.raises(Refused, match="ISO 4217"):
            crm.conversion.convert(prospect.id, currency="ABC")
        assert everything(crm) == before


def dated(plan: Any) -> tuple[date | None, list[str], list[str]]:
    """When the plan's opportunity closes, and what is said of that."""
    assert plan.opportunity is not None
    return (
        plan.opportunity.projected_close,
        [one.by for one in plan.defaulted if one.field == "opportunity.projected_close"],
        [one.how for one in plan.unmapped if one.field == "opportunity.projected_close"],
    )


class TestCloseDate:
    """When an opportunity that a conversion opens is projected to close (Salesforce: end of the fiscal quarter)."""

    GIVEN = date(2027, 1, 15)

    @pytest.mark.parametrize(
        ("policy", "own", "call", "expected"),
        [
            ("given", None, None, (None, [], [])),
            ("given", GIVEN, None, (GIVEN, [], [])),
            ("given", GIVEN, date(2026, 5, 1), (date(2026, 5, 1), [], [])),
            ("fiscal_quarter", None, None, (date(2026, 3, 31), ["policy: end of the fiscal quarter"], [])),
            ("fiscal_quarter", GIVEN, None, (GIVEN, [], [])),
            ("fiscal_quarter", None, date(2026, 5, 1), (date(2026, 5, 1), [], [])),
            ("none", None, None, (None, [], [])),
            ("none", GIVEN, None, (None, [], ["dropped"])),
            ("none", GIVEN, date(2026, 5, 1), (date(2026, 5, 1), [], [])),
        ],
    )
    def test_by_policy(self, beside: Any, policy: Any, own: Any, call: Any, expected: Any) -> None:
        """The call's day wins; else as given, the end of the quarter, or none; the plan says by which rule."""
        crm = beside(policy=Policy(close_date=policy))
        prospect = crm.prospects.add(Prospect(name="Acme"))
        fresh = Opportunity(description="First", account=prospect.id, projected_close=own)
        plan = crm.conversion.plan(prospect.id, opportunity=fresh, projected_close=call)
        assert dated(plan) == expected
        assert plan_from_json(plan_to_json(plan)) == plan
        receipt = crm.conversion.apply(plan)
        assert crm.opportunities.get(receipt.opportunity).projected_close == expected[0]

    def test_from_a_lead(self, beside: Any) -> None:
        """A lead has no day to close: it is the call's, or the policy's."""
        crm = beside(policy=Policy(close_date="fiscal_quarter", fiscal_year_starts=2))
        prospect = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=prospect.id))
        assert dated(crm.conversion.plan(prospect.id, opportunity=lead.id))[0] == date(2026, 4, 30)
        day = date(2026, 12, 24)
        receipt = crm.conversion.convert(prospect.id, opportunity=lead.id, projected_close=day)
        assert crm.opportunities.get(receipt.opportunity).projected_close == day

    def test_by_the_day_of_the_application(self, open_crm: Any, store_name: str, clock: Any) -> None:
        """The quarter is that of the day in the application's time zone."""
        clock.tick(datetime(2026, 3, 31, 23, 30, tzinfo=clock().tzinfo) - clock())
        for zone, end in (("UTC", date(2026, 3, 31)), ("Europe/Madrid", date(2026, 6, 30))):
            crm = open_crm(store_name, time_zone=zone, policy=Policy(close_date="fiscal_quarter"))
            prospect = crm.prospects.add(Prospect(name="Acme"))
            fresh = Opportunity(description="First", account=prospect.id)
            assert dated(crm.conversion.plan(prospect.id, opportunity=fresh))[0] == end

    def test_planned_anew_by_another_policy(self, crm: Crm, beside: Any) -> None:
        """Planned anew, what was asked for counts, not what the first policy made of it."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        fresh = Opportunity(description="First", account=prospect.id, projected_close=self.GIVEN)
        plan = beside(policy=Policy(close_date="none")).conversion.plan(prospect.id, opportunity=fresh)
        with pytest.raises(StalePlan, match="the policy has changed"):
            crm.conversion.apply(plan)
        receipt = crm.conversion.apply(plan, replan=True)
        assert crm.opportunities.get(receipt.opportunity).projected_close == self.GIVEN

    def test_a_day_without_an_opportunity_is_a_refusal(self, crm: Crm) -> None:
        """In the plan, as is a day that is none."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        plan = crm.conversion.plan(prospect.id, projected_close=self.GIVEN)
        assert [one.code for one in plan.refused] == ["no-opportunity"]
        fresh = Opportunity(description="First", account=prospect.id)
        wrong: Any = "soon"
        plan = crm.conversion.plan(prospect.id, opportunity=fresh, projected_close=wrong)
        assert [one.field for one in plan.refused] == ["opportunity.projected_close"]
        assert plan_from_json(plan_to_json(plan)) == plan


class TestPlan:
    """What a plan says, and what it was planned on."""

    def test_defaults_of_the_opportunity_are_listed(self, crm: Crm) -> None:
        """With the list that they come from."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        plan = crm.conversion.plan(prospect.id, opportunity=Opportunity(description="First", account=prospect.id))
        assert [str(one) for one in plan.defaulted] == ["opportunity.status = open (by the default opportunity status)"]

    def test_a_lead_that_has_changed_makes_it_stale(self, crm: Crm, everything: Any) -> None:
        """A lead disqualified since is not promoted by an old plan; planned anew, it is refused."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=prospect.id))
        plan = crm.conversion.plan(prospect.id, opportunity=lead.id)
        crm.leads.disqualify(lead.id)
        before = everything(crm)
        with pytest.raises(StalePlan, match=f"lead {lead.number}: status was new, is disqualified"):
            crm.conversion.apply(plan)
        with pytest.raises(Refused, match="reopen it first"):
            crm.conversion.apply(plan, replan=True)
        assert everything(crm) == before
        crm.leads.reopen(lead.id)
        again = crm.conversion.apply(plan, replan=True)
        assert crm.opportunities.get(again.opportunity).lead == lead.id

    def test_the_fingerprint_covers_all_that_it_was_planned_on(self, crm: Crm, beside: Any, clock: Any) -> None:
        """Prospect, lead, values, opportunity, day, policy: a change of any one gives another; time alone does not."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=prospect.id))
        fresh = Opportunity(description="First", account=prospect.id)
        asked: list[dict[str, Any]] = [
            {},
            {"sic_code": "1"},
            {"custom": {"a": 1, "b": 2}},
            {"opportunity": lead.id},
            {"opportunity": fresh},
            {"opportunity": evolve(fresh, next_step="Call")},
            {"opportunity": fresh, "projected_close": date(2026, 5, 1)},
        ]
        prints = [crm.conversion.plan(prospect.id, **one).fingerprint for one in asked]
        assert len(set(prints)) == len(asked)
        clock.tick(timedelta(days=3))
        assert [crm.conversion.plan(prospect.id, **one).fingerprint for one in asked] == prints
        assert crm.conversion.plan(prospect.id, custom={"b": 2, "a": 1}).fingerprint == prints[2]
        assert beside(policy=Policy(close_date="none")).conversion.plan(prospect.id).fingerprint != prints[0]
        crm.leads.update(lead, next_step="Call")
        assert crm.conversion.plan(prospect.id, opportunity=lead.id).fingerprint != prints[3]
        assert crm.conversion.plan(prospect.id).fingerprint == prints[0]

    def test_hostile_text_stays_text(self, crm: Crm, beside: Any) -> None:
        """Names and values are escaped in HTML, and what would steer a terminal is replaced, each entry on its line."""
        evil = "<script>alert('x')</script>\x1b[31m\nInjected: line"
        strict = beside(policy=Policy(customer_fields={"notes": None, "web": "custom.<b>web</b>"}))
        crm.customers.add(Customer(name=evil, tax_number="1"))
        prospect = crm.prospects.add(
            Prospect(name=evil, tax_number="1", notes=evil * 9, web=evil, custom={"<i>": evil, "n": 1})
        )
        lead = crm.leads.add(Lead(account=prospect.id, description=evil))
        plan = strict.conversion.plan(prospect.id, {evil: evil}, opportunity=lead.id, custom={"n": 2})
        assert plan.duplicates
        assert plan.refused
        html, text = plan._repr_html_(), str(plan)
        assert "<script" not in html
        assert "<b>" not in html
        assert "<i>" not in html
        assert "\x1b" not in text
        assert not [line for line in text.splitlines() if line.startswith("Injected")]
        assert max(map(len, text.splitlines())) < 400

    def test_a_key_of_the_policy_that_is_wrong_is_told_at_once(self, beside: Any) -> None:
        """When the policy is made, not when somebody converts."""
        with pytest.raises(Invalid, match="customer_defaults"):
            beside(policy=Policy(customer_defaults={"employees": "many"}))
