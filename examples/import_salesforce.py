"""Load an organisation that was exported from Salesforce, table by table, and ask for its pipeline.

    python import_salesforce.py FOLDER [--store sqlite:///npsp.db]

FOLDER holds Account.csv, Contact.csv, Campaign.csv, CampaignMember.csv, Opportunity.csv and
OpportunityContactRole.csv. What becomes of them:

Account         A prospect; the billing address is its address.
                An account with a won opportunity buys, so it is a customer: it is loaded as a prospect like the
                others and converted once its records are there, by `crm.conversion`, which carries them over. One
                whose opportunities are all open or lost stays a prospect. (In the organisation this was written
                for, each of the 12 accounts with opportunities has won one, so these 12 become customers.)
Contact         A sales contact, cross-referenced to its account, to its primary affiliation, and to the account of
                every opportunity it has a role in: only a contact of the account may be picked for an opportunity.
                The salutation, for which crmkit has no field, is kept under `extra`.
Campaign        A campaign; the name is its description.
CampaignMember  A member of the campaign; Sent is the status `sent`, Responded is `responded`.
Opportunity     An opportunity in US dollars. Closed Won is won and Closed Lost lost, on the close date; every other
                stage is open and projected to close then. Stages are values of the code table and give their
                probability, as in STAGES below. One without an amount is taken without a value, and counts as
                incomplete in a forecast; one without an account is not taken, since an opportunity is somebody's.
OpportunityContactRole
                The contact's part in the opportunity, with role and primary mark. The same contact may stand in one
                opportunity under several roles; a row that repeats one says nothing new and is only counted.

Numbers and codes are crmkit's own; every record keeps its Salesforce id under `custom`, as `salesforce`.

Rows that cannot be taken are listed with file, line, column and reason, and so is what depends on them; the rest is
loaded, in one unit of work. A file that is something else (it lacks columns, or is no CSV in UTF-8) is refused
before anything is written, and so is a tenant that has accounts already. Left out: recurring donations, payments,
relationships, seasonal addresses and the opportunity's primary contact (its contact roles say the same).

The quarters of the years in which something closes are made as sales periods, for the forecast.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import InvalidOperation
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs

import crmkit
from crmkit import (
    Address,
    Campaign,
    CampaignMember,
    CodeValue,
    Conversion,
    CrmkitError,
    Finding,
    FrozenMap,
    Invalid,
    Money,
    Opportunity,
    OpportunityContact,
    Prospect,
    Record,
    Refused,
    SalesContact,
    Stage,
    UnknownFormat,
    Work,
    evolve,
)
from crmkit.forecasting.roll_up import Group, RollUp
from crmkit.starter import starter_codes

CURRENCY: Final = "USD"

STAGES: Final = (
    Stage(code="Prospecting", position=10, probability=10, forecast_category="pipeline"),
    Stage(code="Qualification", position=20, probability=10, forecast_category="pipeline"),
    Stage(code="Needs Analysis", position=30, probability=20, forecast_category="pipeline"),
    Stage(code="Value Proposition", position=40, probability=50, forecast_category="pipeline"),
    Stage(code="Id. Decision Makers", position=50, probability=60, forecast_category="best_case"),
    Stage(code="Proposal/Price Quote", position=60, probability=75, forecast_category="best_case"),
    Stage(code="Pledged", position=70, probability=90, forecast_category="commit"),
    Stage(code="Closed Won", position=80, probability=100, forecast_category="commit"),
    Stage(code="Closed Lost", position=90, probability=0, forecast_category="omitted"),
)
"""The stages with the probabilities that this import gives them; everything not closed is weighted by them."""

STATUSES: Final = {"Closed Won": "won", "Closed Lost": "lost"}
"""The status of the stages that are not open."""

COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "Account.csv": {
        "id": "id",
        "name": "Name",
        "address": "BillingStreet",
        "address.city": "BillingCity",
        "address.region": "BillingState",
        "address.postal_code": "BillingPostalCode",
        "address.country": "BillingCountry",
    },
    "Contact.csv": {
        "id": "id",
        "given_name": "FirstName",
        "family_name": "LastName",
        "emails": "Email",
        "phones": "Phone",
        "job_title": "Title",
        "extra": "Salutation",
        "accounts": "AccountId",
        "affiliation": "Primary_Affiliation__c",
    },
    "Campaign.csv": {"id": "id", "description": "name"},
    "CampaignMember.csv": {"id": "id", "status": "status", "member": "ContactId", "campaign": "CampaignId"},
    "Opportunity.csv": {
        "id": "id",
        "description": "name",
        "estimated_value": "amount",
        "stage": "stage_name",
        "projected_close": "close_date",
        "account": "AccountId",
        "campaign": "CampaignId",
    },
    "OpportunityContactRole.csv": {
        "id": "id",
        "role": "Role",
        "primary": "IsPrimary",
        "sales_contact": "ContactId",
        "opportunity": "OpportunityId",
    },
}
"""Each file with the fields it fills and the columns they are filled from; without them it is another file."""

R = TypeVar("R", bound=Record)


@attrs.frozen
class NotTaken:
    """A row that could not be taken: where it stands, and why."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.column or 'the row'}: {self.reason}"


@attrs.frozen
class Row:
    """A row of a file by column; `line` is the one it starts on, the header's being 1."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column].strip()


@attrs.define
class Loaded:
    """What came of an import: rows taken and repeated by file, rows not taken, and the conversions' receipts."""

    taken: Counter[str] = attrs.field(factory=Counter)
    repeated: Counter[str] = attrs.field(factory=Counter)
    not_taken: list[NotTaken] = attrs.field(factory=list)
    conversions: list[Conversion] = attrs.field(factory=list)

    def __str__(self) -> str:
        lines = [
            f"{file}: {self.taken[file]} rows taken" + (f", {again} repeated others" if again else "")
            for file in COLUMNS
            for again in [self.repeated[file]]
        ]
        carried: Counter[str] = Counter()
        for receipt in self.conversions:
            carried.update(receipt.carried)
        over = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in carried.items())
        lines.append(f"{len(self.conversions)} prospects became customers; carried over: {over or 'nothing'}")
        lines += [f"{len(self.not_taken)} rows were not taken", *map(str, self.not_taken)]
        return "\n".join(lines)


class _Unusable(Exception):
    """A cell has no value of its field."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


# Reading


def read(folder: Path) -> dict[str, list[Row | NotTaken]]:
    """The rows of all files. Raises UnknownFormat where a file is not what it is taken for."""
    return {file: list(_rows(folder / file, set(columns.values()))) for file, columns in COLUMNS.items()}


def _rows(path: Path, needed: set[str]) -> Iterator[Row | NotTaken]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text, strict=True)
            header = next(reader, [])
            if missing := sorted(needed - set(header)):
                raise UnknownFormat(f"{path.name} is no such export: it lacks the columns {', '.join(missing)}")
            line = reader.line_num + 1
            for cells in reader:
                if len(cells) == len(header):
                    yield Row(line, dict(zip(header, cells, strict=True)))
                elif cells:
                    yield NotTaken(path.name, line, "", f"has {len(cells)} cells under {len(header)} columns")
                line = reader.line_num + 1
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise UnknownFormat(f"{path.name} cannot be read as an export: {fault}") from fault


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unusable(field, f"{text!r} is no day, such as 2019-07-15") from None


def _money(field: str, text: str) -> Money | None:
    try:
        return Money(text, CURRENCY) if text else None
    except (ValueError, InvalidOperation) as fault:
        raise _Unusable(field, str(fault)) from fault


def _flag(field: str, text: str) -> bool:
    if text not in ("True", "False"):
        raise _Unusable(field, f"{text!r} is neither True nor False")
    return text == "True"


def _only_once(row: Row, first: int) -> None:
    if row.line != first:
        raise _Unusable("id", f"{row['id']!r} stands in line {first} already")


# Loading


class Import:
    """One import into one unit of work; `known` holds what was taken, by file and Salesforce id."""

    def __init__(self, work: Work, files: Mapping[str, list[Row | NotTaken]]) -> None:
        self.work = work
        self.files = files
        self.known: dict[str, dict[str, Any]] = {file: {} for file in files}
        self.loaded = Loaded()

    def run(self) -> Loaded:
        """Everything, what is referred to before what refers to it."""
        accounts_of = self._accounts_of_contacts()
        self._load("Account.csv", self._prospect)
        self._load("Contact.csv", lambda row: self._contact(row, accounts_of.get(row["id"], ())))
        self._load("Campaign.csv", self._campaign)
        self._load("CampaignMember.csv", self._member)
        self._load("Opportunity.csv", self._opportunity)
        self._load("OpportunityContactRole.csv", self._role, repeats=("OpportunityId", "ContactId", "Role"))
        opportunities = self.known["Opportunity.csv"].values()
        for account in dict.fromkeys(one.account for one in opportunities if one.status == "won"):
            self.loaded.conversions.append(self.work.conversion.convert(account))
        for year in sorted({one.projected_close.year for one in opportunities}):
            self.work.sales_periods.make_year(year, kind="quarter")
        self.loaded.not_taken.sort(key=lambda one: (list(COLUMNS).index(one.file), one.line))
        return self.loaded

    def _load(self, file: str, make: Callable[[Row], Record], repeats: tuple[str, ...] = ()) -> None:
        """Save what `make` makes of the rows; a row equal to an earlier one in the columns `repeats` only counts."""
        made: list[Record] = []
        rows: list[Row] = []
        lines: dict[str, int] = {}
        said: set[tuple[str, ...]] = set()
        for row in self.files[file]:
            if isinstance(row, NotTaken):
                self.loaded.not_taken.append(row)
                continue
            first, now = lines.setdefault(row["id"], row.line), tuple(row[column] for column in repeats)
            try:
                _only_once(row, first)
                record = evolve(make(row), custom={"salesforce": row["id"]})
            except (_Unusable, CrmkitError) as error:
                self._refuse(file, row, error)
                continue
            if now and now in said:
                self.loaded.repeated[file] += 1
                continue
            said.add(now)
            made.append(record)
            rows.append(row)
        if not made:
            return
        added = self.work.repository(type(made[0])).add_many(made)
        refused = {fault.row for fault in added.faults}
        for fault in added.faults:
            self._refuse(file, rows[fault.row - 1], fault.error)
        taken = [row for number, row in enumerate(rows, 1) if number not in refused]
        self.known[file] = {row["id"]: record for row, record in zip(taken, added.records, strict=True)}
        self.loaded.taken[file] = len(taken)

    def _refuse(self, file: str, row: Row, error: Exception) -> None:
        for field, reason in _reasons(error):
            column = COLUMNS[file].get(field) or COLUMNS[file].get(field.partition(".")[0], field)
            self.loaded.not_taken.append(NotTaken(file, row.line, column, reason))

    def _referred(self, field: str, file: str, id: str) -> Any:
        """The record made of the row with that id. Raises where there is none."""
        found = self.known[file].get(id)
        if found is None:
            listed = any(isinstance(row, Row) and row["id"] == id for row in self.files[file])
            reason = "was not taken" if listed else "is not there"
            raise _Unusable(field, f"row {id!r} of {file} {reason}" if id else "is required")
        return found

    def _accounts_of_contacts(self) -> dict[str, list[str]]:
        """By contact, the accounts of the opportunities it has a role in; all are Salesforce ids."""
        rows = self.files["Opportunity.csv"]
        account_of = {row["id"]: row["AccountId"] for row in rows if isinstance(row, Row)}
        found: dict[str, list[str]] = {}
        for row in self.files["OpportunityContactRole.csv"]:
            if isinstance(row, Row) and row["OpportunityId"] in account_of:
                found.setdefault(row["ContactId"], []).append(account_of[row["OpportunityId"]])
        return found

    def _prospect(self, row: Row) -> Prospect:
        address = Address(
            row["BillingStreet"],
            city=row["BillingCity"],
            region=row["BillingState"],
            postal_code=row["BillingPostalCode"],
            country=row["BillingCountry"],
        )
        return Prospect(name=row["Name"], address=address or None, currency=CURRENCY)

    def _contact(self, row: Row, by_roles: Iterable[str]) -> SalesContact:
        accounts = {self._referred("accounts", "Account.csv", row["AccountId"]).id}
        if affiliation := row["Primary_Affiliation__c"]:
            accounts.add(self._referred("affiliation", "Account.csv", affiliation).id)
        accounts |= {account.id for id in by_roles if (account := self.known["Account.csv"].get(id))}
        return SalesContact(
            given_name=row["FirstName"],
            family_name=row["LastName"],
            emails=[row["Email"]] if row["Email"] else (),
            phones=[row["Phone"]] if row["Phone"] else (),
            job_title=row["Title"],
            extra=FrozenMap({"salutation": row["Salutation"]} if row["Salutation"] else {}),
            accounts=accounts,
        )

    def _campaign(self, row: Row) -> Campaign:
        return Campaign(description=row["name"])

    def _member(self, row: Row) -> CampaignMember:
        return CampaignMember(
            campaign=self._referred("campaign", "Campaign.csv", row["CampaignId"]).id,
            member=self._referred("member", "Contact.csv", row["ContactId"]).id,
            status=row["status"].lower(),
        )

    def _opportunity(self, row: Row) -> Opportunity:
        status = STATUSES.get(row["stage_name"], "open")
        close = _day("projected_close", row["close_date"])
        campaign = row["CampaignId"]
        return Opportunity(
            description=row["name"],
            account=self._referred("account", "Account.csv", row["AccountId"]).id,
            status=status,
            stage=row["stage_name"],
            campaign=self._referred("campaign", "Campaign.csv", campaign).id if campaign else None,
            estimated_value=_money("estimated_value", row["amount"]),
            projected_close=close,
            closed_on=None if status == "open" else close,
        )

    def _role(self, row: Row) -> OpportunityContact:
        return OpportunityContact(
            opportunity=self._referred("opportunity", "Opportunity.csv", row["OpportunityId"]).id,
            sales_contact=self._referred("sales_contact", "Contact.csv", row["ContactId"]).id,
            role=row["Role"],
            primary=_flag("primary", row["IsPrimary"]),
        )


def _reasons(error: Exception) -> list[tuple[str, str]]:
    """Field and reason of everything that was found wrong with a row."""
    if isinstance(error, _Unusable):
        return [(error.field, error.reason)]
    if isinstance(error, Invalid):
        return [(fault.field, fault.message) for fault in error.faults]
    if isinstance(error, Refused):
        return [(finding.field, finding.message) for finding in error.findings]
    return [(str(getattr(error, "field", "")), str(error))]


def starter() -> list[CodeValue]:
    """crmkit's English code tables, with Salesforce's stages in the place of its own."""
    return [*STAGES, *(value for value in starter_codes("en") if not isinstance(value, Stage))]


def load(crm: crmkit.Crm, folder: Path) -> Loaded:
    """Load the folder, all in one unit of work. Raises UnknownFormat and Refused, having written nothing."""
    files = read(folder)
    with crm.begin(by="import") as work:
        if accounts := work.accounts.count():
            already = Finding(
                "not-empty", f"tenant {crm.settings.tenant!r} has {accounts} accounts already: use another"
            )
            raise Refused("the import", [already])
        return Import(work, files).run()


# Asking


def pipeline(crm: crmkit.Crm) -> str:
    """The opportunities by stage: how many, what they are worth, and what that is weighted."""
    order = {stage.code: stage.position for stage in STAGES}
    rolled = crm.forecasting.roll_up(by="stage")
    return _table("stage", rolled, sorted(rolled, key=lambda row: order.get(row.key["stage"], 0)))


def forecast(crm: crmkit.Crm) -> str:
    """The opportunities by the quarter in which they were closed or are projected to close."""
    rolled = crm.forecasting.roll_up(by="period", period_kind="quarter")
    return _table("period", rolled, list(rolled))


def _table(dimension: str, rolled: RollUp, rows: list[Group]) -> str:
    shown = [(row.shown[dimension] or "none", row) for row in rows]
    columns = ("won", "lost", "open", "gross", "weighted")
    lines = [f"{dimension:<22}{'count':>6}" + "".join(f"{name:>13}" for name in columns)]
    for name, row in (*shown, ("total", rolled.total)):
        amounts = "".join(f"{getattr(row, column).amount:>13,.2f}" for column in columns)
        lines.append(f"{name:<22}{row.count:>6}{amounts}")
    return "\n".join(lines)


def main() -> None:
    """Load the folder given on the command line and print what came of it."""
    arguments = argparse.ArgumentParser(description="Load a Salesforce export and show its pipeline.")
    arguments.add_argument("folder", type=Path, help="the folder with Account.csv, Opportunity.csv …")
    arguments.add_argument("--store", default="memory:", help="where to, such as sqlite:///npsp.db (default: memory)")
    given = arguments.parse_args()
    with crmkit.connect(given.store, currency=CURRENCY, starter=starter()) as crm:
        try:
            print(load(crm, given.folder))
        except (UnknownFormat, Refused) as refused:
            arguments.exit(2, f"{refused}\nNothing was written.\n")
        print(f"\nPipeline by stage, in {CURRENCY}\n\n{pipeline(crm)}")
        print(f"\nForecast by quarter, in {CURRENCY}\n\n{forecast(crm)}")


if __name__ == "__main__":
    main()
