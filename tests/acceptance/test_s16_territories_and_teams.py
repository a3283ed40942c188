"""Territories, sales teams, and what a customer's CRM profile says."""

import pytest

from crmkit import (
    Crm,
    Customer,
    Duplicate,
    Invalid,
    Lead,
    Money,
    Opportunity,
    Prospect,
    Salesperson,
    SalesTeam,
    SalesTeamMember,
    TeamAssignment,
    Territory,
)


def test_s16_accounts_by_territory(crm: Crm) -> None:
    """The report by territory sums to the total and has a "none" row, for prospects, customers and both."""
    north, south = (crm.territories.add(Territory(code=code)) for code in ("NORTH", "SOUTH"))
    crm.territories.add(Territory(code="EMPTY"))
    for kind, name, territory, employees, revenue in (
        (Prospect, "A", south.id, 10, Money("100.10", "EUR")),
        (Prospect, "B", north.id, None, Money("7", "USD")),
        (Customer, "C", north.id, 5, Money("0.05", "EUR")),
        (Customer, "D", None, 3, None),
        (Prospect, "E", None, None, Money("1", "EUR")),
    ):
        crm[kind].add(kind(name=name, territory=territory, employees=employees, company_revenue=revenue))

    report = crm.accounts.by_territory()
    assert [(row.shown, row.accounts, row.employees, row.revenue) for row in report] == [
        ("NORTH", 2, 5, (Money("0.05", "EUR"), Money("7", "USD"))),
        ("SOUTH", 1, 10, (Money("100.10", "EUR"),)),
        ("none", 2, 3, (Money("1", "EUR"),)),
    ]
    assert (report.total.accounts, report.total.employees) == (5, 18)
    assert report.total.revenue == (Money("101.15", "EUR"), Money("7", "USD"))
    for repository in (crm.accounts, crm.prospects, crm.customers):
        report = repository.by_territory()
        assert sum(row.accounts for row in report) == report.total.accounts == repository.count()
        assert sum(row.employees for row in report) == report.total.employees
    assert [(row.shown, row.accounts) for row in crm.customers.by_territory()] == [("NORTH", 1), ("none", 1)]


@pytest.mark.parametrize("target", ["customer", "prospect", "lead", "opportunity"])
def test_s17_sales_teams(crm: Crm, target: str, everything) -> None:
    """A team is assigned to each kind of target; its members are listed by target; a duplicate is rejected."""
    ana, ben = (crm.salespersons.add(Salesperson(name=name)) for name in ("Ana", "Ben"))
    team = crm.sales_teams.add(
        SalesTeam(
            name="North",
            members=[
                SalesTeamMember(salesperson=ana.id, role="lead"),
                SalesTeamMember(salesperson=ben.id),
                SalesTeamMember(salesperson=ana.id, role="expert"),
            ],
        )
    )
    crm.sales_teams.add(SalesTeam(name="South", members=[SalesTeamMember(salesperson=ben.id)]))
    customer, prospect = crm.customers.add(Customer(name="C")), crm.prospects.add(Prospect(name="P"))
    targets = {
        "customer": customer,
        "prospect": prospect,
        "lead": crm.leads.add(Lead(account=prospect.id)),
        "opportunity": crm.opportunities.add(Opportunity(description="O", account=customer.id)),
    }
    chosen = targets.pop(target)
    assigned = crm.team_assignments.add(TeamAssignment(target=chosen.id, holder=team.id, role="sales"))
    alone = crm.team_assignments.add(TeamAssignment(target=chosen.id, holder=ben.id, role="sales"))
    crm.team_assignments.add(TeamAssignment(target=chosen.id, holder=team.id, role="service"))
    before = everything(crm)

    assert list(crm.sales_teams.find(target=chosen.id)) == [team]
    assert [(member.salesperson, member.role) for member in crm.sales_teams.find(target=chosen.id)[0].members] == [
        (ana.id, "lead"),
        (ben.id, ""),
        (ana.id, "expert"),
    ]
    assert list(crm.team_assignments.find(target=chosen.id, role="sales")) == [assigned, alone]
    with pytest.raises(Duplicate):
        crm.team_assignments.add(TeamAssignment(target=chosen.id, holder=team.id, role="sales"))
    with pytest.raises(Duplicate):
        crm.sales_team_members.add(SalesTeamMember(team=team.id, salesperson=ana.id, role="lead"))
    with pytest.raises(Duplicate):
        crm.sales_teams.update(team, members=[*team.members, SalesTeamMember(salesperson=ana.id, role="lead")])
    assert everything(crm) == before
    for other in targets.values():
        assert list(crm.sales_teams.find(target=other.id)) == []


def test_s17_nothing_else_is_a_target_of_a_team(crm: Crm, everything) -> None:
    """A team is assigned to accounts, leads and opportunities only."""
    team = crm.sales_teams.add(SalesTeam(name="North"))
    before = everything(crm)
    with pytest.raises(Invalid) as refused:
        crm.team_assignments.add(TeamAssignment(target=team.id, holder=team.id))
    assert [fault.field for fault in refused.value.faults] == ["target"]
    assert everything(crm) == before


def test_s26_customer_crm_data(crm: Crm, everything) -> None:
    """Territory, SIC code, company revenue and employees of a customer round-trip; negative ones are rejected."""
    territory = crm.territories.add(Territory(code="NORTH"))
    profile = {
        "territory": territory.id,
        "sic_code": "0751",
        "company_revenue": Money("1234567.89", "EUR"),
        "employees": 0,
    }
    customer = crm.customers.add(Customer(name="Acme Bikes", **profile))
    read = crm.customers.get(customer.id)
    assert {name: getattr(read, name) for name in profile} == profile
    before = everything(crm)

    with pytest.raises(Invalid) as refused:
        Customer(name="Acme Bikes", company_revenue=Money("-0.01", "EUR"), employees=-1)
    assert {fault.field for fault in refused.value.faults} == {"company_revenue", "employees"}
    with pytest.raises(Invalid, match="must not be below 0"):
        crm.customers.update(customer, employees=-1)
    with pytest.raises(Invalid, match="must not be below 0"):
        crm.customers.update(customer, company_revenue=Money("-1", "EUR"))
    assert everything(crm) == before


def test_s34_territories_never_filter(crm: Crm, beside) -> None:
    """Users of different territories get identical query results, for every kind of record."""
    north, south = (crm.territories.add(Territory(code=code)) for code in ("NORTH", "SOUTH"))
    crm.salespersons.add(Salesperson(name="Nora", territory=north.id, user="nora"))
    crm.salespersons.add(Salesperson(name="Saul", territory=south.id, user="saul"))
    for territory in (north.id, south.id, None):
        prospect = crm.prospects.add(Prospect(name="P", territory=territory))
        customer = crm.customers.add(Customer(name="C", territory=territory))
        lead = crm.leads.add(Lead(account=prospect.id, territory=territory))
        crm.leads.promote(lead.id)
        crm.opportunities.add(Opportunity(description="O", account=customer.id))
    nora, saul = beside(user="nora"), beside(user="saul")

    for spec in crm.registry.specs:
        plural = spec.about.plural
        assert list(nora.repository(plural).find()) == list(saul.repository(plural).find())
    assert nora.accounts.by_territory() == saul.accounts.by_territory()
    assert (nora.prospects.count(), nora.customers.count(), nora.opportunities.count()) == (3, 3, 6)
    with nora.begin(read_only=True) as mine, saul.begin(read_only=True, by="saul") as theirs:
        assert list(mine.leads.find(territory="NORTH")) == list(theirs.leads.find(territory="NORTH"))
