"""What two may do to the same records at once: a small world, and acts in it, each with what it touches."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import attrs

from crmkit import (
    Address,
    Crm,
    Customer,
    Estimate,
    Lead,
    Note,
    Opportunity,
    OpportunityTask,
    Order,
    Prospect,
    SalesContact,
    ShipToAddress,
)

__all__ = ["ACTS", "Act", "pairs", "world_in"]


def world_in(crm: Crm) -> SimpleNamespace:
    """Makes the world, and gives what stands in it by the names that acts use: records, receipts, plans."""
    w = SimpleNamespace()
    _prospects(crm, w)
    _customers(crm, w)
    w.cove = crm.prospects.add(Prospect(name="Cove Tools"))
    w.cora = crm.sales_contacts.add(SalesContact(family_name="Cove", accounts=[w.cove.id]))
    w.cove_lead = crm.leads.add(Lead(account=w.cove.id, description="Saws", sales_contact=w.cora.id))
    w.cove_receipt = crm.conversion.convert(w.cove, opportunity=w.cove_lead)
    w.cove_deal = crm.opportunities.get(w.cove_receipt.opportunity)
    w.cove_now = crm.customers.get(w.cove.id)
    w.elm = crm.prospects.add(Prospect(name="Elm Farm", email="info@elm.example"))
    w.eva = crm.sales_contacts.add(SalesContact(given_name="Eva", family_name="Elm", accounts=[w.elm.id]))
    w.fern = crm.customers.add(Customer(name="Fern Farm"))
    w.evita = crm.sales_contacts.add(SalesContact(given_name="Evita", family_name="Elm", accounts=[w.fern.id]))
    w.elm_receipt = crm.conversion.convert(w.elm, into=w.fern, merge_contacts=[(w.eva, w.evita)])
    w.fern_now = crm.customers.get(w.fern.id)
    w.gale, w.hart = (crm.prospects.add(Prospect(name=name)) for name in ("Gale", "Hart"))
    w.gale_lead = crm.leads.add(Lead(account=w.gale.id, description="Kites"))
    w.gale_receipt = crm.prospects.merge(w.gale, into=w.hart)
    w.hart_now = crm.prospects.get(w.hart.id)
    w.iris, w.jade = (crm.customers.add(Customer(name=name)) for name in ("Iris", "Jade"))
    w.iris_order = crm.orders.add(Order(customer=w.iris.id))
    w.iris_receipt = crm.customers.merge(w.iris, into=w.jade)
    w.jade_now = crm.customers.get(w.jade.id)
    w.moss = crm.prospects.add(Prospect(name="Moss"))
    w.moss_receipt = crm.conversion.convert(w.moss)
    w.moss_now = crm.conversion.undo(w.moss_receipt)
    w.plan = crm.conversion.plan(w.acme)
    w.plan_lead = crm.conversion.plan(w.acme, opportunity=w.lead)
    w.plan_into = crm.conversion.plan(w.acme, into=w.twin, merge_contacts="same")
    w.plan_merge = crm.merging.plan(w.acme, into=w.bolt)
    return w


def _prospects(crm: Crm, w: SimpleNamespace) -> None:
    w.acme = crm.prospects.add(Prospect(name="Acme Bikes", email="info@acme.example", employees=10))
    w.ana = crm.sales_contacts.add(
        SalesContact(given_name="Ana", family_name="Ríos", emails=["ana@acme.example"], accounts=[w.acme.id])
    )
    w.lead = crm.leads.add(Lead(account=w.acme.id, description="E-bikes", sales_contact=w.ana.id))
    w.deal = crm.opportunities.add(Opportunity(account=w.acme.id, description="40 e-bikes"))
    w.quote = crm.estimates.add(Estimate(account=w.acme.id, opportunity=w.deal.id))
    w.task = crm.opportunity_tasks.add(OpportunityTask(opportunity=w.deal.id, description="Measure"))
    w.note = crm.notes.add(Note(target=w.acme.id, text="Call again"))
    w.bolt = crm.prospects.add(Prospect(name="Bolt Wheels", web="bolt.example"))
    w.bolt_lead = crm.leads.add(Lead(account=w.bolt.id, description="Wheels"))


def _customers(crm: Crm, w: SimpleNamespace) -> None:
    w.twin = crm.customers.add(Customer(name="Acme Bikes", email="info@acme.example"))
    w.anna = crm.sales_contacts.add(
        SalesContact(given_name="Ana", family_name="Ríos", emails=["ana@acme.example"], accounts=[w.twin.id])
    )
    w.dale = crm.customers.add(Customer(name="Dale Sports"))
    w.order = crm.orders.add(Order(customer=w.twin.id))
    w.depot = crm.ship_to_addresses.add(ShipToAddress(customer=w.dale.id, code="depot", address=Address(city="Vigo")))


@attrs.frozen
class Act:
    """What somebody does, with the names of what it touches."""

    name: str
    touches: frozenset[str]
    do: Callable[[Crm, Any], object]

    @property
    def several(self) -> bool:
        """Whether it is several units of work: some of them may be saved when another one has to wait."""
        return self.name.endswith(("one by one", "many"))

    @property
    def may_tell(self) -> tuple[str, ...]:
        """Of what was read, or planned, before: that it was changed since."""
        if self.name.startswith("apply"):
            return ("StalePlan",)
        return ("Conflict",) if self.name.startswith(("edit", "move", "take")) else ()


def _acts() -> Iterator[Act]:
    for touches, acts in _BY_TOUCH.items():
        for name, do in acts.items():
            yield Act(name, frozenset(touches.split()), do)


def _delete_with_lead(crm: Crm, w: Any) -> None:
    with crm.begin() as work:
        work.leads.delete(w.bolt_lead.id)
        work.prospects.delete(w.bolt.id)


_CONVERSIONS: Final[dict[str, dict[str, Callable[[Crm, Any], object]]]] = {
    "acme": {
        "convert": lambda c, w: c.conversion.convert(w.acme),
        "convert with a key": lambda c, w: c.conversion.convert(w.acme, key="form 1"),
        "apply": lambda c, w: c.conversion.apply(w.plan),
        "apply, replan": lambda c, w: c.conversion.apply(w.plan, replan=True),
    },
    "acme lead": {
        "convert with the lead": lambda c, w: c.conversion.convert(w.acme, opportunity=w.lead),
        "convert with the lead and a key": lambda c, w: c.conversion.convert(w.acme, opportunity=w.lead, key="form 1"),
        "apply with the lead": lambda c, w: c.conversion.apply(w.plan_lead),
        "apply with the lead, replan": lambda c, w: c.conversion.apply(w.plan_lead, replan=True),
    },
    "acme number": {"convert with a number": lambda c, w: c.conversion.convert(w.acme, number="C-77")},
    "bolt number": {"convert another with the number": lambda c, w: c.conversion.convert(w.bolt, number="C-77")},
    "number": {"add a customer with the number": lambda c, _: c.customers.add(Customer(name="New", number="C-77"))},
    "moss": {
        "convert again": lambda c, w: c.conversion.convert(w.moss),
        "edit the prospect that was undone": lambda c, w: c.prospects.update(w.moss_now, notes="edited"),
        "delete the prospect that was undone": lambda c, w: c.prospects.delete(w.moss_now.id),
    },
    "moss acme": {
        "convert with a kept number": lambda c, w: c.conversion.convert(w.acme, number=w.moss_receipt.customer_number)
    },
    "acme twin": {
        "convert into": lambda c, w: c.conversion.convert(w.acme, into=w.twin),
        "convert into the match": lambda c, w: c.conversion.convert(w.acme, into="match", merge_contacts="same"),
        "convert into, with the lead": lambda c, w: c.conversion.convert(w.acme, into=w.twin, opportunity=w.lead),
        "apply into": lambda c, w: c.conversion.apply(w.plan_into),
        "apply into, replan": lambda c, w: c.conversion.apply(w.plan_into, replan=True),
    },
    "acme bolt": {
        "convert many": lambda c, w: c.conversion.convert_many([w.acme.id, w.bolt.id]),
        "convert many one by one": lambda c, w: c.conversion.convert_many([w.bolt.id, w.acme.id], batch=1),
        "merge": lambda c, w: c.prospects.merge(w.acme, into=w.bolt),
        "merge back": lambda c, w: c.prospects.merge(w.bolt, into=w.acme),
        "apply a merge": lambda c, w: c.merging.apply(w.plan_merge),
        "merge many": lambda c, w: c.merging.merge_many([(w.acme.id, w.bolt.id), (w.bolt.id, w.acme.id)]),
    },
    "acme bolt twin": {
        "convert many, no duplicates": lambda c, w: c.conversion.convert_many(
            [w.acme.id, w.bolt.id], refuse_duplicates=True
        )
    },
    "acme bolt number": {
        "convert many with numbers": lambda c, w: c.conversion.convert_many(
            [(w.acme.id, {"number": "C-77"}), (w.bolt.id, {"number": "C-78"})]
        )
    },
}

_OF_A_PROSPECT: Final[dict[str, dict[str, Callable[[Crm, Any], object]]]] = {
    "acme": {
        "edit": lambda c, w: c.prospects.update(w.acme, name="Acme Wheels"),
        "delete": lambda c, w: c.prospects.delete(w.acme.id),
        "add a lead": lambda c, w: c.leads.add(Lead(account=w.acme.id, description="More")),
        "add a note": lambda c, w: c.notes.add(Note(target=w.acme.id, text="Another")),
        "delete a note": lambda c, w: c.notes.delete(w.note.id),
        "add a contact": lambda c, w: c.sales_contacts.add(SalesContact(family_name="New", accounts=[w.acme.id])),
    },
    "bolt": {
        "edit another": lambda c, w: c.prospects.update(w.bolt, name="Bolt Works"),
        "delete another": lambda c, w: c.prospects.delete(w.bolt.id),
        "delete another's lead": lambda c, w: c.leads.delete(w.bolt_lead.id),
        "delete another with its lead": _delete_with_lead,
    },
    "acme lead": {
        "delete the lead": lambda c, w: c.leads.delete(w.lead.id),
        "edit the lead": lambda c, w: c.leads.update(w.lead, next_step="call"),
        "disqualify the lead": lambda c, w: c.leads.disqualify(w.lead.id),
        "promote the lead": lambda c, w: c.leads.promote(w.lead.id),
        "move the lead": lambda c, w: c.leads.update(w.lead, account=w.bolt.id),
    },
    "acme contact": {
        "delete the contact": lambda c, w: c.sales_contacts.delete(w.ana.id),
        "edit the contact": lambda c, w: c.sales_contacts.update(w.ana, job_title="Boss"),
        "take the contact off": lambda c, w: c.sales_contacts.update(w.ana, accounts=[]),
    },
    "contact": {
        "merge the contact": lambda c, w: c.sales_contacts.merge(w.ana, into=w.anna),
        "merge the contact back": lambda c, w: c.sales_contacts.merge(w.anna, into=w.ana),
    },
    "acme deal": {
        "win": lambda c, w: c.opportunities.win(w.deal.id),
        "lose": lambda c, w: c.opportunities.lose(w.deal.id),
        "reopen": lambda c, w: c.opportunities.reopen(w.deal.id),
        "edit the opportunity": lambda c, w: c.opportunities.update(w.deal, next_step="call"),
        "accept": lambda c, w: c.estimates.accept(w.quote.id),
        "decline": lambda c, w: c.estimates.decline(w.quote.id),
        "add a task": lambda c, w: c.opportunity_tasks.add(OpportunityTask(opportunity=w.deal.id, description="Do")),
        "order and convert": lambda c, w: c.estimates.order(w.quote.id, convert=True),
        "order": lambda c, w: c.estimates.order(w.quote.id),
    },
}

_OF_A_CUSTOMER: Final[dict[str, dict[str, Callable[[Crm, Any], object]]]] = {
    "twin": {
        "edit the customer": lambda c, w: c.customers.update(w.twin, name="Acme Motors"),
        "order of the customer": lambda c, w: c.orders.add(Order(customer=w.twin.id)),
        "complete the order": lambda c, w: c.orders.complete(w.order.id),
        "cancel the order": lambda c, w: c.orders.cancel(w.order.id),
        "delete the order": lambda c, w: c.orders.delete(w.order.id),
    },
    "twin dale": {
        "merge customers": lambda c, w: c.customers.merge(w.twin, into=w.dale),
        "merge customers back": lambda c, w: c.customers.merge(w.dale, into=w.twin),
    },
    "cove": {
        "undo": lambda c, w: c.conversion.undo(w.cove_receipt.id),
        "convert what is one": lambda c, w: c.conversion.convert(w.cove.id),
        "edit what was converted": lambda c, w: c.customers.update(w.cove_now, notes="edited"),
        "order of what was converted": lambda c, w: c.orders.add(Order(customer=w.cove.id)),
        "edit what was opened": lambda c, w: c.opportunities.update(w.cove_deal, next_step="call"),
        "delete what was opened": lambda c, w: c.opportunities.delete(w.cove_deal.id),
        "win what was opened": lambda c, w: c.opportunities.win(w.cove_deal.id),
        "add to what was opened": lambda c, w: c.opportunity_tasks.add(
            OpportunityTask(opportunity=w.cove_deal.id, description="Do")
        ),
        "merge what was converted": lambda c, w: c.customers.merge(w.cove.id, into=w.dale),
        "merge into what was converted": lambda c, w: c.customers.merge(w.dale, into=w.cove.id),
        "convert into what was converted": lambda c, w: c.conversion.convert(w.moss.id, into=w.cove.id),
    },
    "fern": {
        "undo into": lambda c, w: c.conversion.undo(w.elm_receipt.id),
        "edit what was converted into": lambda c, w: c.customers.update(w.fern_now, notes="edited"),
        "order of what was converted into": lambda c, w: c.orders.add(Order(customer=w.fern.id)),
        "delete what was converted into": lambda c, w: c.customers.delete(w.fern.id),
        "edit the merged contact": lambda c, w: c.sales_contacts.update(
            c.sales_contacts.get(w.evita.id), job_title="Boss"
        ),
        "delete the merged contact": lambda c, w: c.sales_contacts.delete(w.evita.id),
        "merge what was converted into": lambda c, w: c.customers.merge(w.fern.id, into=w.dale),
        "convert into it as well": lambda c, w: c.conversion.convert(w.moss.id, into=w.fern.id),
    },
    "hart": {
        "unmerge": lambda c, w: c.merging.undo(w.gale_receipt.id),
        "edit the survivor": lambda c, w: c.prospects.update(w.hart_now, notes="edited"),
        "convert the survivor": lambda c, w: c.conversion.convert(w.hart.id),
        "convert what was merged": lambda c, w: c.conversion.convert(w.gale.id),
        "delete the moved lead": lambda c, w: c.leads.delete(w.gale_lead.id),
        "edit the moved lead": lambda c, w: c.leads.update(c.leads.get(w.gale_lead.id), next_step="call"),
        "merge the survivor": lambda c, w: c.prospects.merge(w.hart.id, into=w.moss.id),
        "merge into the survivor": lambda c, w: c.prospects.merge(w.moss.id, into=w.hart.id),
    },
    "jade": {
        "unmerge customers": lambda c, w: c.merging.undo(w.iris_receipt.id),
        "edit the customer that survived": lambda c, w: c.customers.update(w.jade_now, notes="edited"),
        "order of what survived": lambda c, w: c.orders.add(Order(customer=w.jade.id)),
        "cancel the moved order": lambda c, w: c.orders.cancel(w.iris_order.id),
        "delete the moved order": lambda c, w: c.orders.delete(w.iris_order.id),
        "merge the customer that survived": lambda c, w: c.customers.merge(w.jade.id, into=w.dale),
    },
}


_BY_TOUCH: Final[dict[str, dict[str, Callable[[Crm, Any], object]]]] = {
    touches: {
        name: do
        for family in (_CONVERSIONS, _OF_A_PROSPECT, _OF_A_CUSTOMER)
        for name, do in family.get(touches, {}).items()
    }
    for family in (_CONVERSIONS, _OF_A_PROSPECT, _OF_A_CUSTOMER)
    for touches in family
}

ACTS: Final[dict[str, Act]] = {act.name: act for act in _acts()}
"""By name."""


def pairs() -> list[tuple[Act, Act]]:
    """Those who touch the same, an act and who is faster, in both directions; somebody may do the same as another."""
    return [(one, other) for one in ACTS.values() for other in ACTS.values() if one.touches & other.touches]
