"""A real Salesforce organisation, loaded by the example: the figures as its files give them, found by other means."""

import csv
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import crmkit
from crmkit import Crm, Refused, UnknownFormat

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CRMKIT_TEST_DATA", ROOT / ".." / "shared" / "data"))
FOLDER = DATA / "pipeline" / "salesforce_npsp" / "dev_org"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real inputs are not on this machine")

SHARES = {
    "Prospecting": 10,
    "Qualification": 10,
    "Needs Analysis": 20,
    "Value Proposition": 50,
    "Id. Decision Makers": 60,
    "Proposal/Price Quote": 75,
    "Pledged": 90,
    "Closed Won": 100,
    "Closed Lost": 0,
}
"""The percentages that the example states, written down a second time."""


def rows(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def cents(row: dict[str, str]) -> int:
    exact = Decimal(row["amount"]) * 100
    assert exact == int(exact)
    return int(exact)


def weighted(row: dict[str, str]) -> int:
    return round(Fraction(cents(row) * SHARES[row["stage_name"]], 100))


def quarter(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def status(row: dict[str, str]) -> str:
    return {"Closed Won": "won", "Closed Lost": "lost"}.get(row["stage_name"], "open")


def expected(chosen: Iterable[dict[str, str]]) -> dict[str, int]:
    """How many rows, and their amounts in cents: all, weighted, and by status."""
    held = list(chosen)
    by_status = {
        outcome: sum(cents(row) for row in held if status(row) == outcome) for outcome in ("won", "lost", "open")
    }
    return {"count": len(held), "gross": sum(map(cents, held)), "weighted": sum(map(weighted, held)), **by_status}


def figures(row: Any) -> dict[str, int]:
    """The same of a row of a roll-up."""
    amounts = {name: getattr(row, name).minor for name in ("gross", "weighted", "won", "lost", "open")}
    return {"count": row.count, **amounts}


@pytest.fixture(scope="module")
def importer(example: Callable[[str], ModuleType]) -> ModuleType:
    return example("import_salesforce")


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def loaded(request: Any, importer: Any, tmp_path_factory: Any) -> Iterator[tuple[Crm, Any]]:
    """The organisation, loaded on each store, and what the import says of it."""
    folder = tmp_path_factory.mktemp("npsp")
    url = "memory:" if request.param == "memory" else f"sqlite:///{folder}/npsp.db"
    with crmkit.connect(url, currency="USD", starter=importer.starter()) as crm:
        yield crm, importer.load(crm, FOLDER)


@pytest.fixture(scope="module")
def crm(loaded: tuple[Crm, Any]) -> Crm:
    return loaded[0]


def test_every_row_is_taken_or_says_what_another_said(loaded):
    """Nothing in the real organisation is refused; 999 contact roles say 708 different things."""
    _, report = loaded
    assert report.not_taken == []
    assert report.taken == {
        "Account.csv": 167,
        "Contact.csv": 102,
        "Campaign.csv": 13,
        "CampaignMember.csv": 165,
        "Opportunity.csv": 342,
        "OpportunityContactRole.csv": 708,
    }
    assert report.repeated == {"OpportunityContactRole.csv": 999 - 708}
    different = {(row["OpportunityId"], row["ContactId"], row["Role"]) for row in rows("OpportunityContactRole.csv")}
    assert len(different) == 708


def test_opportunities_by_status(crm):
    """294 won, 6 lost and 42 open, and each as its stage says."""
    expected = Counter(status(row) for row in rows("Opportunity.csv"))
    assert expected == {"won": 294, "lost": 6, "open": 42}
    assert {code: crm.opportunities.count(status=code) for code in expected} == expected


def test_every_opportunity_is_as_its_row(crm):
    """Description, stage, value to the cent, close date and account of each opportunity are those of its row."""
    row_of = {account.id: account.custom["salesforce"] for account in crm.accounts.all()}
    found = {}
    for one in crm.opportunities.all():
        assert one.estimated_value.currency == "USD"
        said = (one.description, one.stage, one.estimated_value.minor, one.projected_close, row_of[one.account])
        found[one.custom["salesforce"]] = said
    assert found == {
        row["id"]: (row["name"], row["stage_name"], cents(row), date.fromisoformat(row["close_date"]), row["AccountId"])
        for row in rows("Opportunity.csv")
    }


def test_closed_ones_were_closed_on_their_date_and_open_ones_were_not(crm):
    """Won and lost opportunities carry their close date as the day they were closed; open ones have none."""
    for one in crm.opportunities.all():
        assert one.closed_on == (None if one.status == "open" else one.projected_close)


def test_pipeline_by_stage(crm):
    """Count, amount and weighted amount of each of the nine stages, and the total of 342 and 223,028.00 USD."""
    rolled = crm.forecasting.roll_up(by="stage")
    assert {row.key["stage"]: figures(row) for row in rolled} == {
        stage: expected(row for row in rows("Opportunity.csv") if row["stage_name"] == stage) for stage in SHARES
    }
    assert figures(rolled.total) == expected(rows("Opportunity.csv"))
    assert (rolled.total.count, str(rolled.total.gross)) == (342, "223,028.00 USD")


def test_forecast_by_quarter(crm):
    """Each quarter's figures are those of the rows whose close date lies in it; none is left over."""
    rolled = crm.forecasting.roll_up(by="period", period_kind="quarter")
    quarters = {quarter(row["close_date"]) for row in rows("Opportunity.csv")}
    assert {row.key["period"]: figures(row) for row in rolled} == {
        code: expected(row for row in rows("Opportunity.csv") if quarter(row["close_date"]) == code)
        for code in quarters
    }


def test_one_quarter_alone(crm):
    """A roll-up of one quarter is that quarter's, by status."""
    rolled = crm.forecasting.roll_up(period="2021-Q4", by="status")
    mine = [row for row in rows("Opportunity.csv") if quarter(row["close_date"]) == "2021-Q4"]
    assert {row.key["status"]: figures(row) for row in rolled} == {
        outcome: expected(row for row in mine if status(row) == outcome) for outcome in {status(row) for row in mine}
    }
    assert len(rolled) > 1


def test_value_by_account(crm):
    """What each account's opportunities are worth, to the cent."""
    found: Counter[str] = Counter()
    row_of = {account.id: account.custom["salesforce"] for account in crm.accounts.all()}
    for one in crm.opportunities.all():
        found[row_of[one.account]] += one.estimated_value.minor
    wanted: Counter[str] = Counter()
    for row in rows("Opportunity.csv"):
        wanted[row["AccountId"]] += cents(row)
    assert found == wanted


def test_what_is_printed(importer):
    """Run as a command, it prints the totals of the pipeline and of the forecast."""
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, importer.__file__, str(FOLDER)], capture_output=True, text=True, timeout=120, check=True
    )
    total = expected(rows("Opportunity.csv"))
    weighted_total = f"{Decimal(total['weighted']) / 100:,.2f}"
    totals = [line.split() for line in done.stdout.splitlines() if line.startswith("total")]
    assert [(line[1], line[-2], line[-1]) for line in totals] == [("342", "223,028.00", weighted_total)] * 2
    assert "12 prospects became customers" in done.stdout


def test_accounts_with_a_won_opportunity_are_customers_and_the_others_prospects(crm):
    """The 12 accounts that have opportunities have won one each and are customers; the other 155 are prospects."""
    owning = {row["AccountId"] for row in rows("Opportunity.csv")}
    winning = {row["AccountId"] for row in rows("Opportunity.csv") if row["stage_name"] == "Closed Won"}
    assert owning == winning
    assert len(winning) == 12
    assert {one.custom["salesforce"] for one in crm.customers.all()} == winning
    assert {one.custom["salesforce"] for one in crm.prospects.all()} == {
        row["id"] for row in rows("Account.csv")
    } - winning


def test_conversion_carried_real_records(loaded):
    """Each receipt counts the contacts, opportunities and contact roles that the files give the account."""
    crm, report = loaded
    account_of = {row["id"]: row["AccountId"] for row in rows("Opportunity.csv")}
    opportunities = Counter(account_of.values())
    roles: Counter[str] = Counter()
    for opportunity, _, _ in {
        (r["OpportunityId"], r["ContactId"], r["Role"]) for r in rows("OpportunityContactRole.csv")
    }:
        roles[account_of[opportunity]] += 1
    contacts: dict[str, set[str]] = {account: set() for account in opportunities}
    for account, contact in links():
        contacts.get(account, set()).add(contact)
    assert len(report.conversions) == 12
    for receipt in report.conversions:
        row = crm.customers.get(receipt.customer_id).custom["salesforce"]
        counted = {
            "contact_accounts": len(contacts[row]),
            "opportunities": opportunities[row],
            "opportunity_contacts": roles[row],
        }
        assert receipt.carried == {kind: count for kind, count in counted.items() if count}
        before = crm.conversion.prospect_of(receipt.id)
        assert (before.id, before.name) == (receipt.customer_id, crm.customers.get(receipt.customer_id).name)


def links() -> set[tuple[str, str]]:
    """Account and contact of each cross-reference that the files give."""
    account_of = {row["id"]: row["AccountId"] for row in rows("Opportunity.csv")}
    roles = {(account_of[row["OpportunityId"]], row["ContactId"]) for row in rows("OpportunityContactRole.csv")}
    homes = {(row["AccountId"], row["id"]) for row in rows("Contact.csv")}
    affiliations = {(row["Primary_Affiliation__c"], row["id"]) for row in rows("Contact.csv")}
    return {(account, contact) for account, contact in roles | homes | affiliations if account}


def test_contacts_are_cross_referenced(crm):
    """Each contact is linked to its account, its affiliation, and the accounts of its opportunities; to no other."""
    row_of = {account.id: account.custom["salesforce"] for account in crm.accounts.all()}
    found = {
        (row_of[a], contact.custom["salesforce"]) for contact in crm.sales_contacts.all() for a in contact.accounts
    }
    assert found == links()


def test_contact_roles_are_as_their_rows(crm):
    """Who has which part in which opportunity, and is primary there, is what the rows say, repeats once."""
    opportunity = {one.id: one.custom["salesforce"] for one in crm.opportunities.all()}
    contact = {one.id: one.custom["salesforce"] for one in crm.sales_contacts.all()}
    found = Counter(
        (opportunity[one.opportunity], contact[one.sales_contact], one.role, str(one.primary))
        for one in crm.opportunity_contacts.all()
    )
    expected = {
        (r["OpportunityId"], r["ContactId"], r["Role"], r["IsPrimary"]) for r in rows("OpportunityContactRole.csv")
    }
    assert found == Counter(dict.fromkeys(expected, 1))


def test_campaign_members_are_as_their_rows(crm):
    """13 campaigns with 165 members, all of whom were sent something."""
    campaign = {one.id: one.description for one in crm.campaigns.all()}
    contact = {one.id: one.custom["salesforce"] for one in crm.sales_contacts.all()}
    name_of = {row["id"]: row["name"] for row in rows("Campaign.csv")}
    found = {(campaign[one.campaign], contact[one.member], one.status) for one in crm.campaign_members.all()}
    assert found == {(name_of[row["CampaignId"]], row["ContactId"], "sent") for row in rows("CampaignMember.csv")}
    assert len(found) == 165


# Files that are not as they should be


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the folder that a test may break."""
    return Path(shutil.copytree(FOLDER, tmp_path / "copy", copy_function=shutil.copyfile))


def edit(folder: Path, file: str, line: int, **cells: str) -> dict[str, str]:
    """Change cells of the row that stands on that line (the header's is 1; no cell of these files has a line break)."""
    with (folder / file).open(newline="", encoding="utf-8") as text:
        header, *body = list(csv.reader(text))
    row = dict(zip(header, body[line - 2], strict=True))
    row.update(cells)
    body[line - 2] = list(row.values())
    with (folder / file).open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows([header, *body])
    return row


def connect(importer: Any) -> Crm:
    return crmkit.connect("memory:", currency="USD", starter=importer.starter())


def test_rows_that_cannot_be_taken_are_named_and_the_rest_is_loaded(copy, importer):
    """Each bad row is listed with file, line, column and reason, and so is what depends on it; all others are taken."""
    edit(copy, "Account.csv", 2, Name="")
    contact = edit(copy, "Contact.csv", 3, Email="nobody at all")["id"]
    edit(copy, "Opportunity.csv", 2, amount="75,0")
    edit(copy, "Opportunity.csv", 3, close_date="12/15/2019")
    edit(copy, "Opportunity.csv", 4, AccountId="")
    edit(copy, "Opportunity.csv", 5, AccountId="999")
    edit(copy, "Opportunity.csv", 6, stage_name="Dreaming")
    edit(copy, "Opportunity.csv", 7, id=edit(copy, "Opportunity.csv", 8)["id"])
    edit(copy, "OpportunityContactRole.csv", 2, IsPrimary="perhaps")
    with connect(importer) as crm:
        report = importer.load(crm, copy)
        listed = {(one.file, one.line, one.column): one.reason for one in report.not_taken}
        own = {
            ("Account.csv", 2, "Name"): "is required",
            ("Contact.csv", 3, "Email"): "'nobody at all' is no e-mail address, such as ana@example.com",
            ("Opportunity.csv", 2, "amount"): "'75,0' is no amount, such as '1200.50'",
            ("Opportunity.csv", 3, "close_date"): "'12/15/2019' is no day, such as 2019-07-15",
            ("Opportunity.csv", 4, "AccountId"): "is required",
            ("Opportunity.csv", 5, "AccountId"): "row '999' of Account.csv is not there",
            ("Opportunity.csv", 8, "id"): f"{edit(copy, 'Opportunity.csv', 8)['id']!r} stands in line 7 already",
            ("OpportunityContactRole.csv", 2, "IsPrimary"): "'perhaps' is neither True nor False",
        }
        assert {place: listed[place] for place in own} == own
        assert listed["Opportunity.csv", 6, "stage_name"].startswith("'Dreaming' is no stage: there are Prospecting, ")
        others = {place: reason for place, reason in listed.items() if place not in own and place[2] != "stage_name"}
        assert others
        assert {file for file, _, _ in others} <= {"CampaignMember.csv", "OpportunityContactRole.csv"}
        assert f"row {contact!r} of Contact.csv was not taken" in others.values()
        assert all(reason.endswith(("was not taken", "is not there")) for reason in others.values())
        assert report.taken["Opportunity.csv"] == crm.opportunities.count() == 342 - 6
        assert report.taken["Account.csv"] == crm.accounts.count() == 166
        assert report.taken["Contact.csv"] == crm.sales_contacts.count() == 101


def test_an_opportunity_without_an_amount_is_taken_without_a_value(copy, importer):
    """An empty amount is an unknown value, not zero."""
    number = edit(copy, "Opportunity.csv", 2, amount="")["id"]
    with connect(importer) as crm:
        report = importer.load(crm, copy)
        assert report.not_taken == []
        (one,) = (one for one in crm.opportunities.all() if one.custom["salesforce"] == number)
        assert one.estimated_value is None


def test_a_row_with_too_few_cells_is_named(copy, importer):
    """A row that is shorter than the header is listed with its line."""
    with (copy / "Campaign.csv").open("a", encoding="utf-8") as text:
        text.write("14\n")
    with connect(importer) as crm:
        (fault,) = importer.load(crm, copy).not_taken
        assert (fault.file, fault.line, str(fault)) == (
            "Campaign.csv",
            15,
            "Campaign.csv, line 15, the row: has 1 cells under 2 columns",
        )


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("Opportunity.csv", "Row Labels,Sum of amount\nClosed Won,223028\n", "it lacks the columns AccountId, "),
        ("Opportunity.csv", "", "it lacks the columns AccountId, "),
        ("OpportunityContactRole.csv", "\N{LATIN SMALL LETTER E WITH ACUTE}", "Contact"),
        ("Contact.csv", None, "cannot be read"),
    ],
)
def test_a_file_that_is_something_else_is_refused_before_anything_is_written(copy, importer, file, text, said):
    """A pivot under the name of a table, an empty file, another table, no file: named, and nothing was written."""
    if text is None:
        (copy / file).unlink()
    else:
        (copy / file).write_text(text, encoding="utf-8")
    with connect(importer) as crm:
        with pytest.raises(UnknownFormat, match=f"^{file}.*{said}"):
            importer.load(crm, copy)
        assert crm.accounts.count() == 0


def test_a_file_in_another_encoding_is_refused(copy, importer):
    """Bytes that are no UTF-8 are not guessed at."""
    text = (copy / "Account.csv").read_text(encoding="utf-8")
    (copy / "Account.csv").write_bytes(text.encode("utf-16"))
    with connect(importer) as crm, pytest.raises(UnknownFormat, match=r"^Account\.csv cannot be read"):
        importer.load(crm, copy)


def test_a_second_import_into_the_same_tenant_is_refused(loaded, importer):
    """Nothing is loaded twice: a tenant that has accounts is refused, and stays as it was."""
    crm, _ = loaded
    with pytest.raises(Refused, match="167 accounts already"):
        importer.load(crm, FOLDER)
    assert crm.opportunities.count() == 342


def test_accounts_of_one_name_are_possible_and_never_the_same(loaded):
    """Households that share a name find each other, from both sides, and nothing is decided on it."""
    crm, _ = loaded
    named = Counter(row["Name"].casefold() for row in rows("Account.csv"))
    assert max(named.values()) > 1
    for account in crm.accounts.all():
        found = crm.accounts.matches(account.id)
        assert len(found) == named[account.name.casefold()] - 1
        assert all([reason.code for reason in one.reasons] == ["name"] for one in found)
        assert crm.accounts.match(account.id) is None


def test_no_two_contacts_are_taken_for_one(loaded):
    """No address is there twice, and no name: members of a household stay apart."""
    crm, _ = loaded
    addresses = Counter(row["Email"].casefold() for row in rows("Contact.csv") if row["Email"])
    assert max(addresses.values()) == 1
    assert [one for contact in crm.sales_contacts.all() for one in crm.sales_contacts.matches(contact)] == []
