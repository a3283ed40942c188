"""crmkit inside FastAPI: an endpoint depends on a SQLAlchemy session, and crmkit works in its transaction.

`python examples/host_fastapi.py` shows it, on SQLite; `create_app` takes any engine that crmkit does. A conversion is
shown as a plan first and applied as it was shown, or not at all; opportunities are listed page by page. What crmkit
refuses is answered as JSON that lists every fault: 404 what there is not, 409 what is taken or has changed, 422 what is
wrong.
"""

import re
import tempfile
from collections.abc import Iterator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Body, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

import crmkit
from crmkit import (
    AlreadyConverted,
    Busy,
    Conflict,
    CrmkitError,
    Duplicate,
    Fault,
    Invalid,
    Money,
    NotFound,
    Opportunity,
    Prospect,
    Refused,
)
from crmkit.exchange.plain import from_plain, to_plain
from crmkit.queries import Cursor

__all__ = ["create_app", "engine_of", "main"]

STATUSES: Final[dict[type[CrmkitError], int]] = {
    NotFound: 404,
    AlreadyConverted: 409,
    Conflict: 409,
    Duplicate: 409,
    Invalid: 422,
    Refused: 422,
    Busy: 503,
}
Answer = dict[str, Any]


def engine_of(url: str) -> Engine:
    """An engine as an application makes it. On SQLite its connections have to enforce references."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON").close())
    return engine


def refusal(status: int, error: object, faults: list[dict[str, str]]) -> JSONResponse:
    """What a client is told of an error: a sentence, and each fault with its field."""
    return JSONResponse({"error": str(error), "faults": faults}, status)


def refused_by_crmkit(_: Request, error: CrmkitError) -> JSONResponse:
    """An error of crmkit's."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    found = getattr(error, "faults", ()) or getattr(error, "findings", ())
    faults = [{"field": one.field, "message": one.message} for one in found]
    if isinstance(error, Duplicate):
        faults = [{"field": error.field, "message": "is taken already"}]
    return refusal(status, error, faults)


def refused_by_fastapi(_: Request, error: RequestValidationError) -> JSONResponse:
    """A request that did not come as far as crmkit, told in the same form."""
    faults = [{"field": str(one["loc"][-1]), "message": one["msg"]} for one in error.errors()]
    return refusal(422, "the request is not valid", faults)


def place_text(place: Cursor) -> str:
    """A place in the list of opportunities, for a URL: the value in minor units, empty where there is none; the id."""
    return f"{'' if place.value is None else place.value}.{place.id}"


def place_of(text: str) -> Cursor:
    """The place that a URL names. Raises Invalid."""
    written = re.fullmatch(r"(-?[0-9]{1,18})?\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", text)
    if written is None:
        raise Invalid("the query", [Fault("after", "is no place in the list: take `next` as the page before gave it")])
    value, id_text = written.groups()
    return Cursor(int(value) if value else None, UUID(id_text))


def create_app(engine: Engine) -> FastAPI:
    """The application on its engine, where crmkit's tables are made if they are missing."""
    app = FastAPI()
    crm = crmkit.connect(engine, user="web")
    app.state.crm = crm
    for kind in STATUSES:
        app.add_exception_handler(kind, refused_by_crmkit)
    app.add_exception_handler(RequestValidationError, refused_by_fastapi)

    def session() -> Iterator[Session]:
        """One for each request, committed if its endpoint ends well."""
        with Session(engine) as opened, opened.begin():
            yield opened

    # `scope="function"` commits before the client is answered: nobody is told of what then could not be saved.
    InSession = Annotated[Session, Depends(session, scope="function")]  # noqa: N806 - a type

    @app.post("/prospects", status_code=201)
    def add_prospect(session: InSession, fields: Annotated[Answer, Body()]) -> Answer:
        with crm.begin(session=session) as work:
            return to_plain(work.prospects.add(from_plain(Prospect, fields)))

    @app.get("/prospects/{prospect}/conversion")
    def plan_conversion(session: InSession, prospect: UUID, number: str = "") -> Answer:
        """What a conversion would do, and the fingerprint to apply it by."""
        with crm.begin(session=session, read_only=True) as work:
            plan = work.conversion.plan(prospect, {"number": number} if number else None)
        return {
            "plan": str(plan).splitlines(),
            "fingerprint": plan.fingerprint,
            "refused": [{"field": one.field, "message": one.message} for one in plan.refused],
        }

    @app.post("/prospects/{prospect}/conversion", status_code=201, response_model=None)
    def convert(session: InSession, prospect: UUID, fingerprint: str, number: str = "") -> Answer | JSONResponse:
        """Convert as the plan with that fingerprint showed it."""
        with crm.begin(session=session) as work:
            plan = work.conversion.plan(prospect, {"number": number} if number else None)
            if plan.fingerprint != fingerprint:
                return refusal(409, "this is not what the plan was made on: plan again, and look at it", [])
            return to_plain(work.conversion.apply(plan))

    @app.get("/opportunities")
    def list_opportunities(
        request: Request,
        session: InSession,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Answer:
        """The dearest first; `next` is the URL of the page behind this one, by key, whatever is added meanwhile."""
        with crm.begin(session=session, read_only=True) as work:
            # One more than is shown tells whether there is a page behind it.
            page = work.opportunities.find(
                sort="-estimated_value", limit=limit + 1, after=place_of(after) if after else None
            )
        shown = page[:limit]
        behind = place_text(page.query.cursor(shown[-1])) if len(page) > limit else None
        return {
            "opportunities": [to_plain(one) for one in shown],
            "next": str(request.url.include_query_params(after=behind)) if behind else None,
        }

    return app


def main() -> None:
    """A prospect is added and converted as planned, and its opportunities are listed."""
    from fastapi.testclient import TestClient  # noqa: PLC0415 - needs httpx2, which an application does not

    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(f"sqlite:///{folder}/host.db")
        app = create_app(engine)
        with TestClient(app) as client:
            acme = client.post("/prospects", json={"name": "Acme Bikes"}).json()
            print(f"Added {acme['number']}, {acme['name']}")
            wrong = client.post("/prospects", json={"email": "nobody", "employees": -1})
            print(f"Refused with {wrong.status_code}:")
            for fault in wrong.json()["faults"]:
                print(f"  {fault['field']}: {fault['message']}")

            for name, amount in (("40 e-bikes", 120_000), ("12 trailers", 9_000), ("a workshop", 30_000)):
                deal = Opportunity(description=name, account=acme["id"], estimated_value=Money(amount, "EUR"))
                app.state.crm.opportunities.add(deal)

            conversion = f"/prospects/{acme['id']}/conversion"
            plan = client.get(conversion).json()
            print("\n".join(plan["plan"]))
            made = client.post(conversion, params={"fingerprint": plan["fingerprint"]}).json()
            print(f"Converted: customer {made['customer_number']}")
            again = client.post(conversion, params={"fingerprint": plan["fingerprint"]})
            print(f"Again: {again.status_code}, {again.json()['error']}")

            url = "/opportunities?limit=2"
            while url:
                page = client.get(url).json()
                print(f"Page: {', '.join(one['description'] for one in page['opportunities'])}")
                url = page["next"]
        engine.dispose()


if __name__ == "__main__":
    main()
