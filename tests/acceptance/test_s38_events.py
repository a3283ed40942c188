"""Events: on every save and delete, about progress and follow-up; the guide to them and the chart of the entities."""

import logging
import re
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

import attrs
import pytest

from crmkit import (
    Created,
    Crm,
    Deleted,
    Event,
    FollowUpDue,
    Interaction,
    Lead,
    Opportunity,
    OpportunityTask,
    Prospect,
    ProspectConverted,
    Record,
    StageChanged,
    StatusChanged,
    TaskCompleted,
    TaskOverdue,
    Updated,
    Vetoed,
)
from crmkit.entities import record
from crmkit.entities.facts import About, Label, References
from crmkit.events import event_types


@pytest.fixture
def heard(crm: Crm) -> list[Event]:
    """Every event told after a commit, in order."""
    events: list[Event] = []
    crm.on(Event, lambda event, _: events.append(event))
    return events


def names(events: list[Event]) -> list[str]:
    """The names of their types."""
    return [type(event).__name__ for event in events]


def test_s38_every_save_and_delete_publishes_its_event(crm: Crm, clock: Any, heard: list[Event]) -> None:
    """Creating, updating and deleting each tell of the record, the instant and the user, after the commit."""
    seen_inside: list[int] = []
    with crm.begin(by="ana") as work:
        prospect = work.prospects.add(Prospect(name="Acme Bikes"))
        lead = work.leads.add(Lead(account=prospect.id))
        changed = work.prospects.update(prospect, employees=12)
        work.leads.delete(lead)
        seen_inside.append(len(heard))
    assert seen_inside == [0]
    assert names(heard) == ["Created", "Created", "Updated", "Deleted"]
    created, created_lead, updated, deleted = heard
    assert isinstance(created, Created)
    assert created.record == prospect
    assert isinstance(created_lead, Created)
    assert created_lead.record == lead
    assert isinstance(updated, Updated)
    assert (updated.before, updated.after) == (prospect, changed)
    assert isinstance(deleted, Deleted)
    assert deleted.record.id == lead.id
    assert {(event.at, event.by) for event in heard} == {(clock(), "ana")}


def test_s38_every_kind_of_record_publishes(crm: Crm, heard: list[Event]) -> None:
    """What is saved of any kind, parts and code values included, is told of."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    crm.conversion.convert(prospect.id)
    assert names(heard) == ["Created", "Created", "Updated", "ProspectConverted"]
    converted = heard[-1]
    assert isinstance(converted, ProspectConverted)
    assert (converted.prospect, converted.customer) == (prospect, crm.customers.get(prospect.id))
    stage = crm.stages.find(code="proposal")[0]
    crm.stages.update(stage, label="Offer")
    assert names(heard)[4:] == ["Updated"]


def test_s38_nothing_is_told_on_rollback(crm: Crm, heard: list[Event], everything: Any) -> None:
    """A unit of work that fails, for whatever reason, publishes nothing and saves nothing."""
    before = everything(crm)

    def fail(work: Any) -> None:
        work.prospects.add(Prospect(name="Acme Bikes"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crm.run(fail)
    assert heard == []
    assert everything(crm) == before


@pytest.mark.parametrize("event", [Created, "Created", Event, "Event"])
def test_s38_a_veto_before_saves_nothing(crm: Crm, heard: list[Event], everything: Any, event: Any) -> None:
    """A *before* handler that vetoes keeps everything of its unit of work from being saved, and nothing is told."""
    before = everything(crm)

    def veto(event: Any, work: Any) -> None:
        if isinstance(event, Created) and isinstance(event.record, Lead):
            raise Vetoed("no leads on Mondays")

    end = crm.on(event, veto, "before")
    with pytest.raises(Vetoed, match="no leads on Mondays"):
        crm.run(lambda work: work.leads.add(Lead(account=work.prospects.add(Prospect(name="Acme Bikes")).id)))
    assert heard == []
    assert everything(crm) == before
    end()
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    assert crm.leads.add(Lead(account=prospect.id)).version == 1


def test_s38_a_failing_after_handler_harms_nobody(
    crm: Crm, heard: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    """An *after* handler that fails is logged; the record stays and the other handlers are told."""

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    later: list[Event] = []
    crm.on(Created, fail)
    crm.on(Created, lambda event, _: later.append(event))
    with caplog.at_level(logging.ERROR, "crmkit.events"):
        prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    assert crm.prospects.get(prospect.id) == prospect
    assert names(heard) == names(later) == ["Created"]
    assert "a handler of Created failed" in caplog.text


def test_s39_events_manage_opportunity_and_task_progress(crm: Crm, heard: list[Event]) -> None:
    """A handler of a stage change makes a follow-up task; a vetoing handler blocks a change of status."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    opportunity = crm.opportunities.add(Opportunity(description="E-bikes", account=prospect.id))

    def follow_up(event: StageChanged, crm: Crm) -> None:
        if event.after.stage == "proposal":
            task = OpportunityTask(opportunity=event.after.id, description="Ask about the proposal")
            crm.opportunity_tasks.add(task)

    crm.on(StageChanged, follow_up)
    opportunity = crm.opportunities.update(opportunity, stage="proposal")
    task = crm.opportunity_tasks.find(opportunity=opportunity.id)[0]
    assert task.description == "Ask about the proposal"

    def block(event: StatusChanged, work: Any) -> None:
        if isinstance(event.after, Opportunity) and work.opportunity_tasks.count(
            opportunity=event.after.id, status="open"
        ):
            raise Vetoed("there are open tasks")

    crm.on(StatusChanged, block, "before")
    heard.clear()
    with pytest.raises(Vetoed, match="there are open tasks"):
        crm.opportunities.win(opportunity.id)
    assert crm.opportunities.get(opportunity.id) == opportunity
    assert heard == []

    crm.opportunity_tasks.complete(task.id)
    assert names(heard) == ["Updated", "StatusChanged", "TaskCompleted"]
    assert isinstance(heard[-1], TaskCompleted)
    assert heard[-1].task.id == task.id
    crm.opportunities.win(opportunity.id)
    assert names(heard)[3:] == ["Updated", "StatusChanged"]
    crm.opportunities.reopen(opportunity.id)
    crm.opportunities.update(crm.opportunities.get(opportunity.id), stage="closing")
    assert names(heard)[5:] == ["Updated", "StatusChanged", "Updated", "StageChanged"]


def test_s40_events_follow_up_leads_and_opportunities(crm: Crm, clock: Any, heard: list[Event]) -> None:
    """A sweep raises FollowUpDue once for each due lead, opportunity and interaction; TaskOverdue for a late task."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    day = date(2026, 3, 4)
    lead = crm.leads.add(Lead(account=prospect.id, follow_up_on=day))
    opportunity = crm.opportunities.add(Opportunity(description="E-bikes", account=prospect.id, follow_up_on=day))
    interaction = crm.interactions.add(Interaction(subject=prospect.id, follow_up_on=day))
    task = crm.opportunity_tasks.add(
        OpportunityTask(opportunity=opportunity.id, description="Call", due_on=day - timedelta(days=1))
    )
    _not_due(crm, prospect, day)
    heard.clear()

    assert crm.sweep() == []
    clock.tick(timedelta(days=2))
    due = crm.sweep()
    assert {one.record.id for one in due if isinstance(one, FollowUpDue)} == {lead.id, opportunity.id, interaction.id}
    assert [one.task for one in due if isinstance(one, TaskOverdue)] == [task]
    assert len(due) == 4
    announced: list[Event] = [one for one in heard if isinstance(one, FollowUpDue | TaskOverdue)]
    assert announced == due
    assert {one.at for one in due} == {clock()}

    heard.clear()
    assert crm.sweep() == []
    assert crm.sweep(clock() + timedelta(days=30)) == []
    assert heard == []
    crm.leads.update(lead, follow_up_on=day + timedelta(days=1))
    assert crm.sweep() == []
    clock.tick(timedelta(days=1))
    assert [one.record.id for one in crm.sweep() if isinstance(one, FollowUpDue)] == [lead.id]
    assert crm.sweep() == []


def _not_due(crm: Crm, prospect: Prospect, day: date) -> None:
    """What no sweep has anything to say about."""
    crm.leads.add(Lead(account=prospect.id, follow_up_on=day, status="disqualified"))
    crm.leads.add(Lead(account=prospect.id))
    lost = crm.opportunities.add(Opportunity(description="Lost", account=prospect.id, follow_up_on=day))
    crm.opportunities.lose(lost.id)
    crm.interactions.add(Interaction(subject=prospect.id, follow_up_on=day, follow_up_done=True))
    done = crm.opportunity_tasks.add(OpportunityTask(opportunity=lost.id, description="Done", due_on=day))
    crm.opportunity_tasks.complete(done.id)


@pytest.fixture
def docs(request: pytest.FixtureRequest) -> Any:
    """The folder of the documentation."""
    return request.config.rootpath / "docs"


def test_s41_the_guide_names_each_event_with_its_payload(docs: Any) -> None:
    """The page on events has every type of event, each with every field of its payload."""
    text = (docs / "events.md").read_text(encoding="utf-8")
    for name, kind in event_types().items():
        passages = [line for line in _sections(text) if re.search(rf"`{name}`", line)]
        assert passages, f"{name} is not described"
        payload = [field.name for field in attrs.fields(kind) if field.name not in ("at", "by")]
        assert any(all(f"`{field}`" in passage for field in payload) for passage in passages), name
    assert "`at`" in text
    assert "`by`" in text


def _sections(text: str) -> list[str]:
    """The rows of tables, and the passages between headings and blank lines."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return rows + re.split(r"\n(?=#)", text)


def test_s41_the_examples_of_the_guide_run(docs: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Every block of Python on the page runs, from top to bottom, and its assertions hold."""
    monkeypatch.chdir(tmp_path)
    text = (docs / "events.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    names: dict[str, Any] = {"__name__": "guide"}
    for block in blocks:
        exec(compile(block, "docs/events.md", "exec"), names)  # noqa: S102 - our own documentation


def test_s42_the_chart_in_the_docs_is_generated_from_the_entities(docs: Any, crm: Crm) -> None:
    """The chart in the documentation is the one that the entities give."""
    text = (docs / "chart.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{crm.chart()}```" in text


@record(kw_only=True)
class Visit(Record):
    """A host's own entity: a visit to an account, with whom."""

    about: ClassVar[About] = About(table="visit", plural="visits", es="Visita")

    account: Annotated[UUID, References("account"), Label("Cuenta")]
    host: Annotated[UUID | None, References("salesperson"), Label("Anfitrión", "Received by")] = None


def test_s42_a_relation_added_to_an_entity_appears(open_crm: Any, store_name: str) -> None:
    """An entity that is added, with its relations, is on the chart; nothing else on it changes."""
    plain, extended = open_crm(store_name).chart(), open_crm(store_name, entities=[Visit]).chart()
    added = set(extended.splitlines()) - set(plain.splitlines())
    assert set(plain.splitlines()) <= set(extended.splitlines())
    assert any(line.strip().startswith("visits[") for line in added)
    arrows = {line.strip() for line in added if "--" in line}
    assert {(line.split()[0], line.split()[2]) for line in arrows} == {
        ("visits", "accounts"),
        ("visits", "salespersons"),
    }
    assert any('"Received by"' in line for line in arrows)
