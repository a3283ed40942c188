"""From what a user asks (`stage="proposal", projected_close=between(…)`) to criteria.

Every field of an entity can be asked for by its name. `NAMED` holds the criteria that are more than
one field, per repository; a plugin's entity may bring its own.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from crmkit.entities import (
    Account,
    CampaignItem,
    ContactAccount,
    ContactEmail,
    ContactPhone,
    ContactSalesperson,
    Customer,
    EstimateLine,
    FieldSpec,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityItem,
    OpportunityTask,
    Order,
    OrderLine,
    Prospect,
    Record,
    Registry,
    SalesContact,
    SalesTeamMember,
    Spec,
    TaskStatus,
    TeamAssignment,
)
from crmkit.entities.text import kept_text
from crmkit.errors import Fault, Invalid
from crmkit.queries.criteria import (
    AnyOf,
    Between,
    Contains,
    Criterion,
    Either,
    Empty,
    Equals,
    Not,
    Related,
    StartsWith,
    SumBetween,
)
from crmkit.queries.meaning import ASKABLE, meant
from crmkit.queries.values import Part, Range

__all__ = ["NAMED", "Asker", "criteria", "criterion_names"]


def _as_given(_: str, given: Sequence[str]) -> list[str]:
    return list(given)


@attrs.frozen
class Asker:
    """What a question may depend on besides its words: the entities, today, and the time zone days are told in.

    `codes(table, given)` are the permanent codes of what people write: in any case, or as the codes are shown. It
    raises ValueError on what is no code of the table.
    """

    registry: Registry
    today: date
    zone: ZoneInfo
    codes: Callable[[str, Sequence[str]], list[str]] = _as_given


Named = Callable[[Any, Asker], Criterion]


def criteria(spec: Spec, asked: Mapping[str, Any], asker: Asker) -> tuple[Criterion, ...]:
    """The criteria that the words ask for. Raises Invalid naming every word that is none, with those that are."""
    named = NAMED.get(spec.about.plural, {})
    found: list[Criterion] = []
    faults: list[Fault] = []
    for name, value in asked.items():
        try:
            if name in named:
                found.append(named[name](value, asker))
            elif (field := spec.by_name.get(name)) is not None and field.shape in ASKABLE:
                found.append(_field(field, value, asker))
            else:
                faults.append(Fault(name, f"is no criterion here; there are {', '.join(criterion_names(spec))}"))
        except (ValueError, TypeError) as fault:
            faults.append(Fault(name, str(fault)))
    if faults:
        raise Invalid(f"the query for {spec.about.plural}", faults)
    return tuple(found)


def criterion_names(spec: Spec) -> list[str]:
    """The words that a query for this entity understands."""
    fields = [field.name for field in spec.fields if field.shape in ASKABLE]
    return sorted({*fields, *NAMED.get(spec.about.plural, {})})


def _field(field: FieldSpec, value: Any, asker: Asker) -> Criterion:
    references = field.references
    if references and references.tables != ("*",) and _by_number(value):
        return _referred(field, kept_text(value), asker)
    if field.shape == "instant" and _days(value):
        return _instants(field.name, value, asker)
    value = meant(field, value)
    if field.code_of:
        value = _coded(field.code_of, value, asker)
    return asked_of(field.name, value, partial=field.searchable and not field.numbered and field.shape == "text")


def _coded(table: str, value: Any, asker: Asker) -> Any:
    if isinstance(value, Part):
        return Part(_coded(table, value.text, asker), value.how)
    if isinstance(value, list):
        given = [one for one in value if one]
        return [*asker.codes(table, given), *(one for one in value if not one)]
    return asker.codes(table, [value])[0] if isinstance(value, str) and value else value


def _by_number(value: Any) -> bool:
    if not isinstance(value, str) or not value:
        return False
    try:
        UUID(value)
    except ValueError:
        return True
    return False


def _referred(field: FieldSpec, number: str, asker: Asker) -> Criterion:
    """The record referred to has that number or code."""
    ways: list[tuple[Criterion, ...]] = []
    for table in field.references.tables if field.references else ():
        for spec in asker.registry.of_table(table):
            known_by = spec.number or spec.by_name.get("code")
            if known_by is not None and known_by.shape == "text":
                ways.append((Related(spec.cls, via="id", to=field.name, where=(Equals(known_by.name, number),)),))
    return Either(ways) if len(ways) != 1 else ways[0][0]


def asked_of(name: str, value: Any, *, partial: bool = False) -> Criterion:
    """The criterion on one field; `partial`: a bare text is looked for anywhere in it."""
    if value is None or value == "":
        return Empty(name)
    if isinstance(value, Range):
        if value.low is None and value.high is None:
            return Empty(name, empty=False)
        return Between(name, value.low, value.high)
    if isinstance(value, Part):
        made = {"contains": Contains, "starts with": StartsWith, "exactly": Equals}[value.how]
        return made(name, value.text)
    if isinstance(value, set | frozenset | list | tuple):
        some: Criterion = AnyOf(name, tuple(item for item in value if item is not None and item != ""))
        return Either([[some], [Empty(name)]]) if None in value or "" in value else some
    if partial and isinstance(value, str):
        return Contains(name, value)
    return Equals(name, value)


def _days(value: Any) -> bool:
    bounds = (value.low, value.high) if isinstance(value, Range) else (value,)
    return all(bound is None or (isinstance(bound, date) and not isinstance(bound, datetime)) for bound in bounds)


def _instants(name: str, value: Any, asker: Asker) -> Criterion:
    if not _days(value):
        raise ValueError(f"must be a date or a range of them, not {value!r}")
    low, high = (value.low, value.high) if isinstance(value, Range) else (value, value)
    if low is None and high is None:
        return Empty(name, empty=not isinstance(value, Range))
    first = None if low is None else datetime.combine(low, time.min, asker.zone)
    last = None
    if high is not None:
        last = datetime.combine(high + timedelta(days=1), time.min, asker.zone) - timedelta(microseconds=1)
    return Between(name, first, last)


def _alias(kind: type[Record], name: str) -> Named:
    return lambda value, asker: _field(kind.spec.by_name[name], value, asker)


def _text_of(name: str) -> Named:
    """A part of an address, which is text like a name."""
    like = Account.spec.by_name["name"]
    return lambda value, _: asked_of(name, meant(like, value), partial=True)


def _among(kind: type[Record], via: str, field: str, *, partial: bool = False, to: str = "id") -> Named:
    """There is a part of that kind whose field is the value asked for; None asks for records without any part."""

    def named(value: Any, asker: Asker) -> Criterion:
        if value is None:
            return Not(Related(kind, via=via, to=to))
        part = kind.spec.by_name[field]
        inner = _field(part, value, asker) if not partial else asked_of(field, meant(part, value), partial=True)
        return Related(kind, via=via, to=to, where=(inner,))

    return named


def _person(value: Any, _: Asker) -> Criterion:
    """Every word of the name is in the given or in the family name."""
    value = meant(SalesContact.spec.by_name["given_name"], value)
    words = value.split() if isinstance(value, str) else ()
    if not words:
        return Either([[asked_of("given_name", value)], [asked_of("family_name", value)]])
    each = [Either([[Contains("given_name", word)], [Contains("family_name", word)]]) for word in words]
    return each[0] if len(each) == 1 else Either([each])


def _territory(value: Any, asker: Asker) -> Criterion:
    """The record's own territory or, while it has none, its account's."""
    own = _field(Account.spec.by_name["territory"], value, asker)
    of_account = Related(Account, via="id", to="account", where=(own,))
    return Either([[Not(Empty("territory")), own], [Empty("territory"), of_account]])


def _overdue(value: Any, asker: Asker) -> Criterion:
    open_status = Related(TaskStatus, via="code", to="status", where=(Equals("category", "open"),))
    late = Either([[open_status, Between("due_on", None, asker.today - timedelta(days=1))]])
    return late if value else Not(late)


def _follow_up_due(value: Any, asker: Asker) -> Criterion:
    due = Either([[Equals("follow_up_done", False), Between("follow_up_on", None, asker.today)]])  # noqa: FBT003
    return due if value else Not(due)


def _kind_of_interaction(value: Any, _: Asker) -> Criterion:
    kinds: dict[str, type[Record]] = {"prospect": Prospect, "customer": Customer, "sales contact": SalesContact}
    kind = kinds.get(value)
    if kind is None:
        raise ValueError(f"is one of {', '.join(kinds)}, not {value!r}")
    return Related(kind, via="id", to="subject")


def _running_on(value: Any, _: Asker) -> Criterion:
    if type(value) is not date:
        raise ValueError(f"must be a date, not {type(value).__name__}")
    started = Either([[Empty("starts_on")], [Between("starts_on", None, value)]])
    not_over = Either([[Empty("ends_on")], [Between("ends_on", value, None)]])
    return Either([[started, not_over]])


def _total(kind: type[Record], via: str) -> Named:
    def named(value: Any, _: Asker) -> Criterion:
        asked = meant(kind.spec.by_name["amount"], value if isinstance(value, Range) else Range(value, value))
        if asked.low is None and asked.high is None:
            raise ValueError("must be an amount, or a range with a bound")
        return SumBetween(kind, via, "amount", asked.low, asked.high)

    return named


def _status_category(value: Any, asker: Asker, table: str) -> Criterion:
    codes = asker.registry.code_table(table)
    return Related(codes, via="code", to="status", where=(_field(codes.spec.by_name["category"], value, asker),))


def _category_of(table: str) -> Named:
    return lambda value, asker: _status_category(value, asker, table)


_ACCOUNT: Final[Mapping[str, Named]] = {
    "revenue": _alias(Account, "company_revenue"),
    "city": _text_of("address.city"),
    "country": _text_of("address.country"),
    "sales_contact": _among(ContactAccount, "account", "sales_contact"),
    "team": _among(TeamAssignment, "target", "holder"),
}

NAMED: Final[dict[str, Mapping[str, Named]]] = {
    "prospects": _ACCOUNT,
    "customers": _ACCOUNT,
    "accounts": _ACCOUNT,
    "campaigns": {"item": _among(CampaignItem, "campaign", "item"), "running_on": _running_on},
    "competitors": {
        "city": _text_of("address.city"),
        "country": _text_of("address.country"),
        "opportunity": _among(OpportunityCompetitor, "competitor", "opportunity"),
    },
    "sales_contacts": {
        "name": _person,
        "email": _among(ContactEmail, "sales_contact", "email", partial=True),
        "phone": _among(ContactPhone, "sales_contact", "phone"),
        "account": _among(ContactAccount, "sales_contact", "account"),
        "salesperson": _among(ContactSalesperson, "sales_contact", "salesperson"),
        "opportunity": _among(OpportunityContact, "sales_contact", "opportunity"),
    },
    "sales_teams": {
        "member": _among(SalesTeamMember, "team", "salesperson"),
        "target": _among(TeamAssignment, "holder", "target"),
    },
    "leads": {
        "territory": _territory,
        "status_category": _category_of("lead_status"),
        "team": _among(TeamAssignment, "target", "holder"),
    },
    "opportunities": {
        "value": _alias(Opportunity, "estimated_value"),
        "competitor": _among(OpportunityCompetitor, "opportunity", "competitor"),
        "item": _among(OpportunityItem, "opportunity", "item"),
        "sales_contact": _among(OpportunityContact, "opportunity", "sales_contact"),
        "team": _among(TeamAssignment, "target", "holder"),
        "territory": _territory,
        "status_category": _category_of("opportunity_status"),
    },
    "opportunity_tasks": {
        "due": _alias(OpportunityTask, "due_on"),
        "overdue": _overdue,
        "status_category": _category_of("task_status"),
    },
    "interactions": {
        "kind": _kind_of_interaction,
        "happened_on": lambda value, asker: _instants("happened_at", value, asker),
        "follow_up_due": _follow_up_due,
    },
    "estimates": {"total": _total(EstimateLine, "estimate"), "status_category": _category_of("estimate_status")},
    "orders": {
        "account": _alias(Order, "customer"),
        "total": _total(OrderLine, "order"),
        "status_category": _category_of("order_status"),
    },
}
