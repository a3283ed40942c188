"""Which field of a prospect becomes which of the customer, and what is lost or changed on the way."""

from datetime import date
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import Address, Customer, Email, Invalid, Money, Phone, Policy, Prospect, record
from crmkit.conversion.becoming import said
from crmkit.conversion.mapping import carried_values, custom_edited
from crmkit.conversion.plans import ConversionPlan
from crmkit.conversion.prospects import plan_conversion
from crmkit.entities.facts import About, Label, MaxLen
from crmkit.entities.specs import BOOKKEEPING


def planned(prospect: Prospect, policy: Policy, **values: Any) -> ConversionPlan:
    """The plan of converting the prospect."""
    return plan_conversion(prospect, values, policy, carried={})


def became(prospect: Prospect, fields: dict[str, str | None], **values: Any) -> tuple[Customer, list[tuple[Any, ...]]]:
    """The customer that comes of it, and what is unmapped."""
    plan = planned(prospect, Policy(customer_fields=fields), **values)
    assert plan.refused == ()
    assert plan.customer is not None
    return plan.customer, [(one.field, one.value, one.how, one.to, one.becomes) for one in plan.unmapped]


class TestMapping:
    """One fact each."""

    def test_a_field_becomes_another(self) -> None:
        """A value that fits as it is goes over, and nothing is said of it; the field of its own name stays empty."""
        customer, unmapped = became(Prospect(name="A", sic_code="3751"), {"sic_code": "tax_number", "tax_number": None})
        assert (customer.tax_number, customer.sic_code, unmapped) == ("3751", "", [])

    def test_a_field_becomes_a_host_s_own(self) -> None:
        """And the other way round; the others of the host's own stay."""
        prospect = Prospect(name="A", sic_code="3751", custom={"vat": "B1", "tier": 2})
        fields: dict[str, str | None] = {"sic_code": "custom.sic", "custom.vat": "tax_number", "tax_number": None}
        customer, unmapped = became(prospect, fields)
        assert (customer.tax_number, dict(customer.custom), unmapped) == ("B1", {"tier": 2, "sic": "3751"}, [])

    def test_the_prospect_s_number_is_kept_where_asked(self) -> None:
        """In a field of the host's own."""
        customer, _ = became(Prospect(name="A", number="P7"), {"number": "custom.prospect_number"})
        assert dict(customer.custom) == {"prospect_number": "P7"}

    def test_dropped_on_purpose(self) -> None:
        """It is listed with its value; an empty one is not, since nothing is lost."""
        prospect = Prospect(name="A", notes="Rude", custom={"score": 3})
        customer, unmapped = became(prospect, {"notes": None, "custom": None, "web": None})
        assert (customer.notes, dict(customer.custom)) == ("", {})
        assert unmapped == [("custom.score", 3, "dropped", "", None), ("notes", "Rude", "dropped", "", None)]

    def test_one_of_the_host_s_own_is_kept_where_the_others_are_dropped(self) -> None:
        """The name that says more wins."""
        customer, unmapped = became(
            Prospect(name="A", custom={"a": 1, "b": 2}), {"custom": None, "custom.a": "custom.a"}
        )
        assert dict(customer.custom) == {"a": 1}
        assert [one[0] for one in unmapped] == ["custom.b"]

    def test_cut(self) -> None:
        """Longer than the customer's field: cut to its length, and listed with what is left."""
        customer, unmapped = became(Prospect(name="A", notes="x" * 50), {"notes": "sic_code", "sic_code": None})
        assert customer.sic_code == "x" * 10
        assert unmapped == [("notes", "x" * 50, "cut", "sic_code", "x" * 10)]

    @pytest.mark.parametrize(
        ("values", "fields", "becomes"),
        [
            ({"custom": {"staff": " 12 "}}, {"custom.staff": "employees", "employees": None}, 12),
            ({"employees": 12}, {"employees": "tax_number", "tax_number": None}, "12"),
            ({"custom": {"mail": "a@b.c"}}, {"custom.mail": "email", "email": None}, Email("a@b.c")),
            ({"phone": Phone("+34 1", "work")}, {"phone": "tax_number", "tax_number": None}, "+34 1"),
            (
                {"custom": {"turnover": "12.50 EUR"}},
                {"custom.turnover": "company_revenue", "company_revenue": None},
                Money("12.50", "EUR"),
            ),
            ({"company_revenue": Money("12.50", "EUR")}, {"company_revenue": "custom.turnover"}, "12.50 EUR"),
            (
                {"address": Address("Gran Vía 1", city="Madrid")},
                {"address": "custom.seat"},
                {"street": "Gran Vía 1", "city": "Madrid"},
            ),
            ({"custom": {"seat": "Gran Vía"}}, {"custom.seat": "address", "address": None}, Address("Gran Vía")),
            ({"notes": " Blanks "}, {"notes": "legal_name", "legal_name": None}, "Blanks"),
        ],
    )
    def test_changed_in_type(self, values: dict[str, Any], fields: dict[str, str | None], becomes: Any) -> None:
        """Text to whole number, whole number to text and the like are listed with what becomes of them."""
        (entry,) = became(Prospect(name="A", **values), fields)[1]
        assert (entry[2], entry[4]) == ("changed", becomes)

    @pytest.mark.parametrize(
        ("values", "fields"),
        [
            ({"custom": {"staff": "a dozen"}}, {"custom.staff": "employees", "employees": None}),
            ({"custom": {"staff": -1}}, {"custom.staff": "employees", "employees": None}),
            ({"custom": {"tags": ["a", "b"]}}, {"custom.tags": "tax_number", "tax_number": None}),
            ({"web": "no mail"}, {"web": "email", "email": None}),
            ({"company_revenue": Money(1, "EUR")}, {"company_revenue": "employees", "employees": None}),
            ({"custom": {"held": "perhaps"}}, {"custom.held": "credit_hold"}),
            ({"custom": {"held": "12"}}, {"custom.held": "company_revenue", "company_revenue": None}),
        ],
    )
    def test_what_cannot_become_is_a_refusal(self, values: dict[str, Any], fields: dict[str, str | None]) -> None:
        """In the plan, with the field that it comes from; the customer is not made without it in silence."""
        plan = planned(Prospect(name="A", **values), Policy(customer_fields=fields))
        (found,) = plan.refused
        assert found.code == "cannot-become"
        assert found.field in fields

    def test_given_wins_and_what_it_replaces_is_listed(self) -> None:
        """A value of the call wins over a mapped one, which is listed: the call did not name where it came from."""
        prospect = Prospect(name="A", custom={"vat": "B1", "tier": 2})
        customer, unmapped = became(prospect, {"custom.vat": "tax_number", "tax_number": None}, tax_number="B2")
        assert (customer.tax_number, unmapped) == ("B2", [("custom.vat", "B1", "replaced", "tax_number", None)])
        customer, unmapped = became(prospect, {}, custom={"vat": "B3"})
        assert (dict(customer.custom), unmapped) == (
            {"vat": "B3"},
            [("custom.tier", 2, "replaced", "custom", None)],
        )

    def test_a_host_s_own_in_the_place_of_a_mapped_one(self) -> None:
        """The mapped value has the place, the other is listed; where there is nothing to map, it stays."""
        fields: dict[str, str | None] = {"sic_code": "custom.sic"}
        customer, unmapped = became(Prospect(name="A", sic_code="1", custom={"sic": "0"}), fields)
        assert dict(customer.custom) == {"sic": "1"}
        assert unmapped == [("custom.sic", "0", "replaced", "custom.sic", None)]
        customer, unmapped = became(Prospect(name="A", custom={"sic": "0"}), fields)
        assert (dict(customer.custom), unmapped) == ({"sic": "0"}, [])

    def test_defaults_and_required_fields_of_the_host_s_own(self) -> None:
        """They are named as the others are."""
        policy = Policy(
            customer_defaults={"custom.tier": 3, "sic_code": "1"}, customer_required=["custom.tier", "custom.vat"]
        )
        plan = planned(Prospect(name="A"), policy)
        assert plan.customer is not None
        assert dict(plan.customer.custom) == {"tier": 3}
        assert [(one.field, one.value, one.by) for one in plan.defaulted] == [
            ("custom.tier", 3, "policy"),
            ("sic_code", "1", "policy"),
        ]
        assert [one.field for one in plan.refused] == ["custom.vat"]
        assert planned(Prospect(name="A", custom={"tier": 1, "vat": "B1"}), policy).defaulted[0].field == "sic_code"

    def test_a_plugin_s_own_field(self) -> None:
        """A field that only a plugin's prospect has is mapped by its name; unmapped, it is listed."""

        @record(kw_only=True)
        class Dealer(Prospect):
            """A prospect of a plugin."""

            about: ClassVar[About] = About(table="account", plural="dealers", es="Distribuidor", kind="dealer")

            brand: Annotated[str, MaxLen(40), Label("Marca")] = ""

        dealer = Dealer(name="A", brand="Zephyr")
        assert became(dealer, {"web": None})[1] == [("brand", "Zephyr", "unmapped", "", None)]
        assert became(dealer, {})[1] == [("brand", "Zephyr", "unmapped", "", None)]
        assert became(dealer, {"brand": "custom.brand"})[0].custom["brand"] == "Zephyr"


@pytest.mark.parametrize(
    ("wrong", "said_of_it"),
    [
        ({"colour": "sic_code"}, "no field of a prospect"),
        ({"sic_code": "colour"}, "no field of a customer"),
        ({"version": "custom.v"}, "no field of a prospect"),
        ({"sic_code": "id"}, "no field of a customer"),
        ({"custom.": "sic_code"}, "no field of a prospect"),
        ({"sic_code": "number"}, "number"),
        ({"custom": "notes"}, "one by one"),
        ({"notes": "custom"}, "one by one"),
        ({"custom.a": "sic_code"}, "custom.a and sic_code go to one field"),
        ({"custom.a": "custom.c", "custom.b": "custom.c"}, "custom.a and custom.b go to one field"),
        ({"custom.a": "territory", "territory": None}, "not the id of a territory"),
        ({"territory": "salesperson", "salesperson": None}, "not the id of a salesperson"),
    ],
)
def test_a_mapping_that_cannot_be_is_invalid(wrong: dict[str, str | None], said_of_it: str) -> None:
    """When the policy is made: fields that there are not, two to one, ids of another kind."""
    with pytest.raises(Invalid, match=said_of_it):
        Policy(customer_fields=wrong)


def test_everything_wrong_with_a_policy_is_said_at_once() -> None:
    """Each with its setting."""
    wrong: Any = {"close_date": "soon", "fiscal_year_starts": 13, "customer_required": "colour"}
    with pytest.raises(Invalid) as invalid:
        Policy(customer_fields={"x": "y"}, customer_defaults={"employees": -1, "custom.a": 1.5, "z": 1}, **wrong)
    assert sorted(one.field for one in invalid.value.faults) == [
        "close_date",
        "customer_defaults",
        "customer_defaults",
        "customer_defaults",
        "customer_fields",
        "customer_required",
        "fiscal_year_starts",
    ]


FIELDS = [
    *(
        one
        for one in Prospect.spec.by_name
        if one not in (*BOOKKEEPING, "custom", "number", "territory", "salesperson")
    ),
    "custom.a",
    "custom.b",
]
VALUES = st.fixed_dictionaries(
    {"name": st.sampled_from(["Acme", "Acme  Bikes", "x" * 120])},
    optional={
        "tax_number": st.sampled_from(["B1", "7"]),
        "notes": st.text("ab ", max_size=200),
        "employees": st.integers(0, 99),
        "phone": st.sampled_from([Phone("+34 1"), Phone("12")]),
        "email": st.just(Email("a@b.c")),
        "company_revenue": st.just(Money("1.50", "EUR")),
        "address": st.just(Address("Street 1", city="Town")),
        "custom": st.dictionaries(
            st.sampled_from("abc"), st.sampled_from(["text", "12", 5, True, ["several"], {"deep": 1}, None])
        ),
    },
)
MAPPINGS = st.dictionaries(st.sampled_from(FIELDS), st.none() | st.sampled_from([*FIELDS, "custom.d"]), max_size=6)


def sayings(prospect: Prospect) -> dict[str, Any]:
    """Each value that a prospect has, by the name that a policy gives it."""
    found = {
        field.name: getattr(prospect, field.name)
        for field in prospect.spec.fields
        if field.name not in (*BOOKKEEPING, "custom", "number") and getattr(prospect, field.name) != field.default
    }
    return found | {f"custom.{key}": value for key, value in prospect.custom.items() if value is not None}


@given(values=VALUES, mapping=MAPPINGS)
def test_nothing_that_a_prospect_says_is_lost_in_silence(
    values: dict[str, Any], mapping: dict[str, str | None]
) -> None:
    """Every value is afterwards the customer's, as it was, in the field that the policy says; or among the plan's
    unmapped ones, with what became of it; or the plan is refused for it.
    """
    prospect = Prospect(**values)
    try:
        policy = Policy(customer_fields=mapping)
    except Invalid:
        return
    plan = planned(prospect, policy)
    listed = {one.field: one for one in plan.unmapped}
    assert len(listed) == len(plan.unmapped)
    refused = {one.field for one in plan.refused}
    for name, value in sayings(prospect).items():
        target = mapping.get(name, name)
        entry = listed.pop(name, None)
        if name in refused or plan.customer is None:
            continue
        if target is None or (entry is not None and entry.how in ("dropped", "replaced")):
            assert entry is not None
            assert entry.value == value
            continue
        customer = plan.customer
        there = customer.custom[target[7:]] if target.startswith("custom.") else getattr(customer, target)
        if entry is None:
            assert there == value
            assert type(there) is type(value)
        else:
            assert (entry.value, entry.to, entry.becomes) == (value, target, there)
            if entry.how == "cut":
                assert said(value).strip().startswith(there)
    assert listed == {}


@given(values=VALUES)
def test_without_a_mapping_everything_goes_over_as_it_is(values: dict[str, Any]) -> None:
    """And a mapping of a field to itself changes nothing."""
    prospect = Prospect(**values)
    plain = planned(prospect, Policy())
    assert plain.customer is not None
    assert plain.unmapped == ()
    assert sayings(prospect) == {
        name: plain.customer.custom[name[7:]] if name.startswith("custom.") else getattr(plain.customer, name)
        for name in sayings(prospect)
    }
    same = carried_values(prospect, Policy(customer_fields={"web": "web"}), {})
    assert same.values == carried_values(prospect, Policy(), {}).values


KEYS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2))


@given(before=KEYS, converted=KEYS, now=KEYS)
def test_edits_of_the_host_s_own_fields_are_kept_key_by_key(
    before: dict[str, int], converted: dict[str, int], now: dict[str, int]
) -> None:
    """What was set since is set, what was taken away is gone, what nobody touched is as the prospect had it."""
    edited = custom_edited(before, converted, now)
    for key in "abcd":
        if now.get(key) == converted.get(key):
            assert edited.get(key) == before.get(key)
        else:
            assert edited.get(key) == now.get(key)


def test_the_hash_covers_every_setting() -> None:
    """Two policies that differ in any one setting have different hashes; day and month ones too."""
    others: list[dict[str, Any]] = [
        {"customer_fields": {"notes": None}},
        {"customer_fields": {"notes": "custom.notes"}},
        {"customer_defaults": {"custom.day": date(2026, 1, 1).isoformat()}},
        {"customer_required": ["name"]},
        {"close_date": "none"},
        {"close_date": "fiscal_quarter"},
        {"fiscal_year_starts": 2},
        *({flag: True} for flag in ("tasks_block_won", "won_reason_required", "lost_reason_required")),
        *({flag: True} for flag in ("amount_follows_offers", "order_wins")),
    ]
    hashes = [Policy(**one).hash for one in others]
    assert len({Policy().hash, *hashes}) == len(others) + 1
    assert [Policy(**one).hash for one in others] == hashes
