"""What becomes of the opportunity that a conversion opens: with the undo, and when it is deleted."""

import pytest

from crmkit import Crm, Customer, Lead, NotFound, OpportunityTask, Prospect


@pytest.fixture
def lead(crm: Crm) -> Lead:
    """The lead of a prospect."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    return crm.leads.add(Lead(account=prospect.id, description="E-bikes"))


class TestUndo:
    """Untouched it goes, touched it stays."""

    def test_an_opportunity_that_the_conversion_opened(self, crm: Crm, lead: Lead) -> None:
        """Untouched, it goes with the undo; with anything done to it since, it stays."""
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
        crm.conversion.undo(receipt.id)
        assert crm.opportunities.count() == 0
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
        chance = crm.opportunities.update(crm.opportunities.get(receipt.opportunity), next_step="Call")
        crm.conversion.undo(receipt.id)
        assert crm.opportunities.get(chance.id) == chance

    def test_an_opened_opportunity_with_a_task_added_stays(self, crm: Crm, lead: Lead) -> None:
        """A record added since keeps what it belongs to: the opportunity stays where a task was added to it."""
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
        task = crm.opportunity_tasks.add(OpportunityTask(opportunity=receipt.opportunity, description="Call"))
        crm.conversion.undo(receipt.id)
        assert crm.opportunity_tasks.get(task.id) == task
        assert crm.opportunities.get(task.opportunity).account == lead.account

    def test_one_that_was_deleted_and_restored_stays(self, crm: Crm, lead: Lead) -> None:
        """Somebody wanted it back."""
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
        with crm.begin() as work:
            work.write(work.write(work.deletion(work.opportunities.get(receipt.opportunity))).inverse)
        crm.conversion.undo(receipt.id)
        assert crm.opportunities.get(receipt.opportunity).account == lead.account


class TestDeleting:
    """A receipt is a trace: it is in nobody's way."""

    @pytest.mark.parametrize("into", [False, True], ids=["of its own", "into one that is there"])
    def test_it_can_be_deleted_and_the_conversion_undone(self, crm: Crm, lead: Lead, into: bool) -> None:
        """While the conversion stands; the receipt goes on naming it, also once it is undone."""
        customer = crm.customers.add(Customer(name="Acme Ltd")).id if into else None
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id, into=customer)
        crm.opportunities.delete(receipt.opportunity)
        assert crm.conversions.get(receipt.id) == receipt
        back = crm.conversion.undo(receipt.id)
        assert back.id == lead.account
        assert crm.conversions.get(receipt.id).opportunity == receipt.opportunity
        with pytest.raises(NotFound):
            crm.opportunities.get(receipt.opportunity)

    def test_one_that_stayed_can_be_deleted_after_the_undo(self, crm: Crm, lead: Lead) -> None:
        """Nothing of the conversion holds it."""
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
        crm.opportunities.update(crm.opportunities.get(receipt.opportunity), next_step="Call")
        crm.conversion.undo(receipt.id)
        crm.opportunities.delete(receipt.opportunity)
        assert crm.opportunities.count() == 0

    def test_a_receipt_is_found_by_it(self, crm: Crm, lead: Lead) -> None:
        """By its id or the record, also once it is gone."""
        crm.conversion.convert(crm.prospects.add(Prospect(name="Other")).id)
        receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
        opened = crm.opportunities.get(receipt.opportunity)
        assert list(crm.conversions.find(opportunity=opened)) == [receipt]
        crm.opportunities.delete(opened)
        assert list(crm.conversions.find(opportunity=opened.id)) == [receipt]
