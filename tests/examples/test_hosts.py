"""crmkit inside Django, Flask, FastAPI and a Celery task: each example, as an application would use it."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery import signals
from celery.contrib.testing.worker import start_worker
from django.db import IntegrityError, connections, transaction
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

import crmkit
from crmkit import (
    Busy,
    Crm,
    Duplicate,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OutcomeUnknown,
    Prospect,
    Refused,
    StoreError,
)
from crmkit.entities import ENTITIES, Registry
from crmkit.stores.memory import MemoryStore, MemoryUnit
from crmkit.testing.servers import SERVERS

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def hosts(example: Callable[[str], ModuleType]) -> Callable[[str], ModuleType]:
    """Loads an example once: Django knows one set of models and settings a process."""
    return cache(lambda name: example(f"host_{name}"))


@pytest.fixture
def own_url(fresh_url: Callable[[str], str], servers: Any) -> Iterator[Callable[[str], str]]:
    """The URL of an empty database without tables, in which a host may make its own."""
    given: list[str] = []

    def url_of(name: str) -> str:
        if name not in SERVERS:
            return fresh_url(name)
        given.append(servers.url(name, fresh=True))
        return given[-1]

    yield url_of
    for url in given:
        servers.forget(url)


@pytest.fixture
def engine_of(own_url: Callable[[str], str]) -> Iterator[Callable[[ModuleType, str], Engine]]:
    """A host's engine, made as the host makes it, on the engine of that name."""
    made: list[Engine] = []

    def engine(host: ModuleType, name: str) -> Engine:
        made.append(host.engine_of(own_url(name)))
        return made[-1]

    yield engine
    for one in made:
        one.dispose()


class TestDjango:
    """`host_django.py`, on the databases that Django and crmkit both have drivers for."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def url(self, request: pytest.FixtureRequest, own_url: Callable[[str], str]) -> str:
        return own_url(str(request.param))

    @pytest.fixture
    def host(self, hosts: Callable[[str], Any], url: str) -> Iterator[Any]:
        """The example, with Django's connection to an empty database and the host's table in it."""
        loaded = hosts("django")
        connections.settings["default"] = connections.configure_settings({"default": loaded.database(url)})["default"]
        connections["default"] = connections.create_connection("default")
        loaded.make_tables()
        yield loaded
        connections["default"].close()

    @pytest.fixture
    def crm(self, host: Any, url: str) -> Iterator[Crm]:
        with crmkit.connect(url) as opened:
            yield opened

    @pytest.fixture
    def told(self, crm: Crm) -> list[tuple[str, int]]:
        """What a handler hears of: the name of each prospect, and how many there are for others by then."""
        heard: list[tuple[str, int]] = []
        crm.on("Created", lambda created, after: heard.append((created.record.name, after.prospects.count())))
        return heard

    def test_django_s_commit_saves_both(self, host: Any, crm: Crm, told: list[Any]) -> None:
        """The row refers to the prospect, which is recorded under who registered; handlers hear of it after that."""
        with transaction.atomic():
            saved = host.register(crm, "ana@acme.example", Prospect(name="Acme"))
            assert told == []
        assert told == [("Acme", 1)]
        (prospect,) = crm.prospects.find()
        (row,) = host.Registration.objects.all()
        assert (row.email, row.account, prospect.recorded_by) == ("ana@acme.example", prospect.id, "ana@acme.example")
        assert row == saved

    def test_an_exception_undoes_both(self, host: Any, crm: Crm, told: list[Any]) -> None:
        """Nothing of either is left, nobody hears of it, and the number is given to the next one."""
        with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - all of it is undone
            host.register(crm, "ana@acme.example", Prospect(name="Acme"))
            _ = 1 / 0
        assert (host.Registration.objects.count(), crm.prospects.count(), told) == (0, 0, [])
        assert crm.prospects.add(Prospect(name="Bolt")).number == "P000001"

    def test_what_django_refuses_undoes_the_prospect(self, host: Any, crm: Crm, told: list[Any]) -> None:
        """A second registration of an address takes its prospect along, though that was saved before it."""
        host.register(crm, "ana@acme.example", Prospect(name="Acme"))
        with pytest.raises(IntegrityError):
            host.register(crm, "ana@acme.example", Prospect(name="Bolt"))
        assert [one.name for one in crm.prospects.find()] == ["Acme"]
        assert told == [("Acme", 1)]

    def test_what_crmkit_refuses_leaves_the_rest_to_django(self, host: Any, crm: Crm) -> None:
        """The unit takes back its own part alone, and Django's transaction goes on and commits."""
        crm.prospects.add(Prospect(name="Acme", number="P7"))
        with transaction.atomic():
            host.Registration.objects.create(email="before@acme.example", account=uuid4())
            with pytest.raises(Duplicate), host.unit_of_work(crm) as work:  # noqa: PT012 - all of it is undone
                work.prospects.add(Prospect(name="Bolt"))
                work.prospects.add(Prospect(name="Cogs", number="P7"))
            host.Registration.objects.create(email="after@acme.example", account=uuid4())
        assert (host.Registration.objects.count(), crm.prospects.count()) == (2, 1)

    def test_an_inner_atomic_that_is_undone_takes_the_prospect_along(
        self, host: Any, crm: Crm, told: list[Any]
    ) -> None:
        """What was registered outside of it stays, and that alone is heard of."""
        with transaction.atomic():
            host.register(crm, "ana@acme.example", Prospect(name="Acme"))
            with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - all of it is undone
                host.register(crm, "eva@bolt.example", Prospect(name="Bolt"))
                _ = 1 / 0
        assert [one.email for one in host.Registration.objects.all()] == ["ana@acme.example"]
        assert [one.name for one in crm.prospects.find()] == ["Acme"]
        assert told == [("Acme", 1)]

    def test_a_conversion_runs_on_django_s_connection(self, host: Any, crm: Crm) -> None:
        """With what belongs to the prospect; Django's rollback makes it the prospect that it was."""
        acme = crm.prospects.add(Prospect(name="Acme"))
        crm.opportunities.add(Opportunity(description="Bikes", account=acme.id, estimated_value=Money(5, "EUR")))
        with transaction.atomic():
            with host.unit_of_work(crm) as work:
                receipt = work.conversion.convert(acme.id)
                assert receipt.carried == {"opportunities": 1}
                assert work.customers.get(acme.id).number == receipt.customer_number
            transaction.set_rollback(True)
        assert crm.prospects.get(acme.id) == acme
        assert crm.conversions.count() == 0

    def test_outside_of_a_transaction_it_is_refused(self, host: Any, crm: Crm) -> None:
        """Django's autocommit would save crmkit's statements one by one."""
        with pytest.raises(StoreError, match="begin"), host.unit_of_work(crm) as work:
            work.prospects.add(Prospect(name="Acme"))
        assert crm.prospects.count() == 0

    def test_it_runs_as_a_script(
        self, url: str, run: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It says what is saved and what is not."""
        monkeypatch.setenv("DATABASE_URL", url)
        said = run(sys.executable, "-W", "error", str(EXAMPLES / "host_django.py"), cwd=tmp_path)
        assert said.splitlines() == [
            "At the start: 0 registrations, 0 prospects",
            "  after Django's commit: Acme Bikes is on file",
            "Acme Bikes has registered: 1 registrations, 1 prospects",
            (
                "  prospect: number 'P000001' is taken already; choose another, or none for the next free one: "
                "a record keeps its number for life"
            ),
            "Bolt has not: 1 registrations, 1 prospects",
            "Cogs is undone: 1 registrations, 1 prospects",
        ]


def fields(answer: Any) -> set[str]:
    """The fields that an answer finds fault with."""
    faults = answer.json["faults"] if not callable(answer.json) else answer.json()["faults"]
    assert all(fault["message"] for fault in faults)
    return {fault["field"] for fault in faults}


class TestFlask:
    """`host_flask.py`."""

    @pytest.fixture
    def host(self, hosts: Callable[[str], Any]) -> Any:
        return hosts("flask")

    @pytest.fixture
    def engine(self, host: Any, engine_of: Callable[..., Engine]) -> Engine:
        return engine_of(host, "sqlite")

    @pytest.fixture
    def app(self, host: Any, engine: Engine) -> Any:
        return host.create_app(engine)

    @pytest.fixture
    def crm(self, app: Any) -> Crm:
        crm: Crm = app.extensions["crmkit"]
        return crm

    @staticmethod
    def trials(engine: Engine) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT COUNT(*) FROM trial")).scalar_one())

    @pytest.mark.parametrize("name", ["sqlite", *SERVERS])
    def test_a_request_saves_both_rows(self, host: Any, engine_of: Callable[..., Engine], name: str) -> None:
        """A trial begins, and its company is a prospect; both go together too, as long as nothing needs them."""
        engine = engine_of(host, name)
        app = host.create_app(engine)
        crm, client = app.extensions["crmkit"], app.test_client()
        answer = client.post("/trials", json={"name": "Acme", "email": "ana@acme.example", "employees": 12})
        assert answer.status_code == 201
        prospect = crm.prospects.get(UUID(answer.json["prospect"]["id"]))
        assert (prospect.name, prospect.employees, prospect.recorded_by) == ("Acme", 12, "web")
        ends_on = prospect.recorded_at.date() + timedelta(days=30)
        assert date.fromisoformat(answer.json["ends_on"]) in (ends_on, ends_on + timedelta(days=1))
        assert client.get(f"/prospects/{prospect.id}").json == answer.json["prospect"]
        assert self.trials(engine) == 1
        assert client.delete(f"/prospects/{prospect.id}").status_code == 204
        assert (self.trials(engine), crm.prospects.count()) == (0, 0)

    def test_invalid_lists_every_fault(self, app: Any, crm: Crm, engine: Engine) -> None:
        """422, with each field that is wrong, and nothing saved."""
        answer = app.test_client().post("/trials", json={"email": "nobody", "employees": -1, "nome": "Acme"})
        assert (answer.status_code, fields(answer)) == (422, {"name", "email", "employees", "nome"})
        assert (self.trials(engine), crm.prospects.count()) == (0, 0)

    def test_a_body_that_is_no_json_is_invalid(self, app: Any) -> None:
        """422 as well, in the same form."""
        answer = app.test_client().post("/trials", data=b"name=Acme")
        assert (answer.status_code, fields(answer)) == (422, {""})

    def test_what_is_not_there(self, app: Any) -> None:
        """404, for an id that nothing has and for what is no id."""
        for id in (uuid4(), "P000001"):
            answer = app.test_client().get(f"/prospects/{id}")
            assert (answer.status_code, answer.json["faults"]) == (404, [])
            assert str(id) in answer.json["error"]

    def test_what_is_taken(self, app: Any, crm: Crm, engine: Engine) -> None:
        """409, naming the field, and nothing of the request saved."""
        crm.prospects.add(Prospect(name="Acme", number="P7"))
        answer = app.test_client().post("/trials", json={"name": "Bolt", "number": "P7"})
        assert (answer.status_code, fields(answer)) == (409, {"number"})
        assert (self.trials(engine), crm.prospects.count()) == (0, 1)

    def test_what_is_refused_undoes_the_host_s_part_of_the_request(self, app: Any, crm: Crm, engine: Engine) -> None:
        """422, listing all that is in the way; the trial that was deleted before in the same request is still there."""
        client = app.test_client()
        id = client.post("/trials", json={"name": "Acme"}).json["prospect"]["id"]
        crm.opportunities.add(Opportunity(description="Bikes", account=UUID(id)))
        crm.leads.add(Lead(account=UUID(id)))
        answer = client.delete(f"/prospects/{id}")
        assert (answer.status_code, len(answer.json["faults"])) == (422, 2)
        assert (self.trials(engine), crm.prospects.count()) == (1, 1)

    def test_it_runs_as_a_script(self, run: Callable[..., str]) -> None:
        """It says what it is answered."""
        assert run(sys.executable, "-W", "error", str(EXAMPLES / "host_flask.py")).splitlines() == [
            "POST /trials: 201",
            "  P7, Acme Bikes",
            "POST /trials: 409",
            "  number: is taken already",
            "POST /trials: 422",
            "  email: 'nobody' is no e-mail address, such as ana@example.com",
            "  name: is required",
            "  employees: must not be below 0",
            "GET /prospects/P7: 404",
        ]


class TestFastApi:
    """`host_fastapi.py`."""

    @pytest.fixture
    def host(self, hosts: Callable[[str], Any]) -> Any:
        return hosts("fastapi")

    @pytest.fixture
    def app(self, host: Any, engine_of: Callable[..., Engine]) -> Any:
        return host.create_app(engine_of(host, "sqlite"))

    @pytest.fixture
    def crm(self, app: Any) -> Crm:
        crm: Crm = app.state.crm
        return crm

    @pytest.fixture
    def client(self, app: Any) -> Iterator[TestClient]:
        with TestClient(app) as client:
            yield client

    @pytest.mark.parametrize("name", ["sqlite", *SERVERS])
    def test_a_prospect_is_added_and_converted_as_planned(
        self, host: Any, engine_of: Callable[..., Engine], name: str
    ) -> None:
        """The plan is shown and changes nothing; by its fingerprint it is applied once, and not twice."""
        app = host.create_app(engine_of(host, name))
        crm: Crm = app.state.crm
        with TestClient(app) as client:
            added = client.post("/prospects", json={"name": "Acme"})
            assert added.status_code == 201
            conversion = f"/prospects/{added.json()['id']}/conversion"
            plan = client.get(conversion, params={"number": "C9"}).json()
            assert plan["plan"] == [
                "Convert prospect P000001, Acme",
                "  created:",
                "    customer C9, Acme",
            ]
            assert plan["refused"] == []
            assert crm.customers.count() == 0
            asked = {"fingerprint": plan["fingerprint"], "number": "C9"}
            made = client.post(conversion, params=asked)
            assert (made.status_code, made.json()["customer_number"]) == (201, "C9")
            again = client.post(conversion, params=asked)
            assert again.status_code == 409
            assert "C9" in again.json()["error"]
        assert [str(one.id) for one in crm.customers.find()] == [added.json()["id"]]
        assert crm.conversions.count() == 1

    def test_another_plan_than_was_shown_is_not_applied(self, client: TestClient, crm: Crm) -> None:
        """409 once the prospect has changed, or for other values; nothing is converted."""
        acme = crm.prospects.add(Prospect(name="Acme"))
        conversion = f"/prospects/{acme.id}/conversion"
        shown = client.get(conversion).json()["fingerprint"]
        assert client.post(conversion, params={"fingerprint": shown, "number": "C9"}).status_code == 409
        crm.prospects.update(acme, name="Acme Bikes")
        assert client.post(conversion, params={"fingerprint": shown}).status_code == 409
        assert crm.customers.count() == 0
        planned = client.get(conversion).json()
        assert client.post(conversion, params={"fingerprint": planned["fingerprint"]}).status_code == 201

    def test_a_plan_with_refusals_shows_and_answers_each(self, client: TestClient, crm: Crm) -> None:
        """422 where it is applied all the same, with the findings that the plan has shown."""
        first, second = crm.prospects.add(Prospect(name="Acme")), crm.prospects.add(Prospect(name="Bolt"))
        crm.conversion.convert(first.id, number="C9")
        conversion = f"/prospects/{second.id}/conversion"
        plan = client.get(conversion, params={"number": "C9"}).json()
        answer = client.post(conversion, params={"fingerprint": plan["fingerprint"], "number": "C9"})
        assert (answer.status_code, fields(answer)) == (422, {"number"})
        assert answer.json()["faults"] == plan["refused"]
        assert crm.prospects.get(second.id) == second

    def test_what_is_wrong_is_listed(self, client: TestClient, crm: Crm) -> None:
        """422 with every fault, from crmkit and from FastAPI in one form; 409 for what is taken; 404 for nothing."""
        wrong = client.post("/prospects", json={"email": "nobody", "employees": -1, "nome": "Acme"})
        assert (wrong.status_code, fields(wrong)) == (422, {"name", "email", "employees", "nome"})
        query = client.get("/opportunities", params={"limit": 0})
        assert (query.status_code, fields(query)) == (422, {"limit"})
        crm.prospects.add(Prospect(name="Acme", number="P7"))
        taken = client.post("/prospects", json={"name": "Bolt", "number": "P7"})
        assert (taken.status_code, fields(taken)) == (409, {"number"})
        assert client.get(f"/prospects/{uuid4()}/conversion").status_code == 404
        assert crm.prospects.count() == 1

    def test_nobody_is_told_of_what_could_not_be_committed(self, app: Any, crm: Crm) -> None:
        """A commit that fails is an error of the request: the client has not been answered yet."""

        def fail(session: Session) -> None:
            if not session.in_nested_transaction():
                raise Busy("the commit has failed")

        with TestClient(app) as client:
            event.listen(Session, "before_commit", fail)
            try:
                answer = client.post("/prospects", json={"name": "Acme"})
            finally:
                event.remove(Session, "before_commit", fail)
        assert answer.status_code == 503
        assert crm.prospects.count() == 0

    @pytest.fixture
    def deals(self, crm: Crm) -> list[str]:
        """The descriptions of seven opportunities, the dearest first: three are worth the same, two nothing known."""
        acme = crm.prospects.add(Prospect(name="Acme")).id
        worth = {"a": 700, "b": 50, "c": 50, "d": 50, "e": 0, "f": None, "g": None}
        for name, amount in worth.items():
            value = None if amount is None else Money(amount, "EUR")
            crm.opportunities.add(Opportunity(description=name, account=acme, estimated_value=value))
        # Ids are given in the order of time; those that are equal are in reversed order of id in a descending list.
        return ["a", "d", "c", "b", "e", "g", "f"]

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
    def test_pages_are_read_on_by_the_cursor_in_the_url(self, client: TestClient, deals: list[str], limit: int) -> None:
        """One after the other they are all opportunities in order, each once, and no page is empty."""
        pages: list[list[str]] = []
        url = f"/opportunities?limit={limit}"
        while url:
            answer = client.get(url).json()
            pages.append([one["description"] for one in answer["opportunities"]])
            url = answer["next"]
        assert pages == [deals[start : start + limit] for start in range(0, len(deals), limit)]

    def test_what_is_added_meanwhile_moves_no_page(self, client: TestClient, crm: Crm, deals: list[str]) -> None:
        """The second page goes on behind the first one's last, though dearer ones have come."""
        first = client.get("/opportunities?limit=2").json()
        acme = crm.prospects.find()[0].id
        crm.opportunities.add(Opportunity(description="new", account=acme, estimated_value=Money(900, "EUR")))
        second = client.get(first["next"]).json()
        assert [one["description"] for one in second["opportunities"]] == deals[2:4]

    @pytest.mark.parametrize("after", ["x", "50", "50.{id}x", "5.0.{id}", f"{'9' * 30}.{{id}}"])
    def test_what_is_no_place_in_the_list_is_refused(self, client: TestClient, after: str) -> None:
        """422, naming the parameter."""
        answer = client.get("/opportunities", params={"after": after.format(id=uuid4())})
        assert (answer.status_code, fields(answer)) == (422, {"after"})

    def test_it_runs_as_a_script(self, run: Callable[..., str]) -> None:
        """It says what it is answered."""
        said = run(sys.executable, "-W", "error", str(EXAMPLES / "host_fastapi.py")).splitlines()
        assert said[0] == "Added P000001, Acme Bikes"
        assert "Converted: customer C000001" in said
        assert said[-2:] == ["Page: 40 e-bikes, a workshop", "Page: 12 trailers"]


class Losing(MemoryStore):
    """A store whose connection is lost in the commit, as often as `losses` says: True where it was saved, or not."""

    losses: list[bool]

    def begin(self, **settings: Any) -> MemoryUnit:
        unit = super().begin(**settings)
        if not settings.get("read_only") and self.losses:
            saved = self.losses.pop(0)
            end = unit.commit if saved else unit.rollback

            def lose() -> None:
                end()
                raise OutcomeUnknown("the connection was lost while the unit was being committed")

            unit.commit = lose  # type: ignore[method-assign]
        return unit


class TestCelery:
    """`host_celery.py`."""

    @pytest.fixture
    def host(self, hosts: Callable[[str], Any]) -> Any:
        return hosts("celery")

    @pytest.fixture
    def retried(self, host: Any) -> Iterator[list[str]]:
        """The reason of each retry."""
        reasons: list[str] = []

        def note(reason: Any, **_: Any) -> None:
            reasons.append(type(reason.exc).__name__)

        signals.task_retry.connect(note, sender=host.convert)
        yield reasons
        signals.task_retry.disconnect(note, sender=host.convert)

    @pytest.fixture
    def connected(self, host: Any, monkeypatch: pytest.MonkeyPatch, retried: list[str]) -> Iterator[Any]:
        """Hands the task a CRM on a store, in eager mode."""
        opened: list[Crm] = []

        def connect(store: Any, **settings: Any) -> Crm:
            crm = crmkit.connect(store, **settings)
            opened.append(crm)
            monkeypatch.setattr(host, "open_crm", lambda: crm)
            return crm

        host.app.conf.task_always_eager = True
        yield connect
        host.app.conf.task_always_eager = False
        for crm in opened:
            crm.close()

    def test_it_may_run_again(self, host: Any, connected: Any, retried: list[str], store_name: str, fresh_url: Any):
        """The second run succeeds with the same customer, and nothing is done twice."""
        crm = connected(fresh_url(store_name))
        acme = crm.prospects.add(Prospect(name="Acme"))
        numbers = [host.convert.delay(str(acme.id)).get() for _ in range(2)]
        assert numbers == [crm.customers.get(acme.id).number] * 2
        assert (crm.conversions.count(), retried) == (1, [])

    def test_it_waits_for_another_writer(self, host: Any, connected: Any, retried: list[str], fresh_url: Any) -> None:
        """It is retried while the store is busy, and done once it is not."""
        url = fresh_url("sqlite")
        crm = connected(url, timeout=0)
        acme = crm.prospects.add(Prospect(name="Acme"))
        with crmkit.connect(url) as other, ExitStack() as writing:
            writing.enter_context(other.begin()).prospects.add(Prospect(name="Bolt"))

            def end(**_: Any) -> None:
                writing.close()

            signals.task_retry.connect(end, sender=host.convert)
            try:
                number = host.convert.delay(str(acme.id)).get()
            finally:
                signals.task_retry.disconnect(end, sender=host.convert)
        assert (crm.customers.get(acme.id).number, retried) == (number, ["Busy"])
        assert crm.prospects.count() == 1

    @pytest.mark.parametrize("saved", [True, False])
    def test_it_looks_where_nobody_knows(self, host: Any, connected: Any, retried: list[str], saved: bool) -> None:
        """Where the conversion was saved all the same, it has succeeded; where not, it is retried."""
        store = Losing(Registry(ENTITIES))
        store.losses = []
        crm = connected(store)
        acme = crm.prospects.add(Prospect(name="Acme"))
        store.losses = [saved]
        number = host.convert.delay(str(acme.id)).get()
        assert (crm.customers.get(acme.id).number, crm.conversions.count()) == (number, 1)
        assert retried == ([] if saved else ["OutcomeUnknown"])

    def test_what_no_repetition_changes_fails(self, host: Any, connected: Any, retried: list[str]) -> None:
        """A prospect that is not there, and a conversion that a handler refuses."""
        crm = connected("memory:")
        with pytest.raises(NotFound):
            host.convert.delay(str(uuid4())).get()

        def veto(*_: Any) -> None:
            raise crmkit.Vetoed("not today")

        crm.on("ProspectConverted", veto, "before")
        acme = crm.prospects.add(Prospect(name="Acme"))
        with pytest.raises(Refused, match="not today"):
            host.convert.delay(str(acme.id)).get()
        assert (retried, crm.customers.count()) == ([], 0)

    @pytest.fixture
    def worker(self, host: Any, fresh_url: Any) -> Iterator[Any]:
        """A worker in this process, on SQLite; it leaves logging and warnings as they are."""
        host.app.conf.update(crmkit_url=fresh_url("sqlite"), broker_transport_options={"polling_interval": 0.02})

        def leave(**_: Any) -> None:
            pass

        signals.setup_logging.connect(leave)
        with start_worker(host.app, pool="solo", perform_ping_check=False) as started:
            yield started
        signals.setup_logging.disconnect(leave)
        logging.captureWarnings(capture=False)
        host.open_crm().close()
        host.open_crm.cache_clear()

    @pytest.mark.usefixtures("worker")
    def test_a_worker_runs_it(self, host: Any) -> None:
        """By a broker, in a worker that opens its own CRM at its first task."""
        with crmkit.connect(host.app.conf.crmkit_url) as crm:
            acme = crm.prospects.add(Prospect(name="Acme"))
            numbers = [host.convert.delay(str(acme.id)).get(timeout=60) for _ in range(2)]
            customer = crm.customers.get(acme.id)
            assert (numbers, customer.recorded_by) == ([customer.number] * 2, "worker")
            assert crm.conversions.count() == 1

    def test_it_runs_as_a_script(self, run: Callable[..., str]) -> None:
        """It says what both runs gave."""
        assert run(sys.executable, "-W", "error", str(EXAMPLES / "host_celery.py")).splitlines() == [
            "Acme Bikes is prospect P000001",
            "Run once: customer C000001",
            "Run twice: customer C000001",
            "1 customer, 1 conversion",
        ]
