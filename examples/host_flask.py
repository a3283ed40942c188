"""crmkit inside Flask: a request has one SQLAlchemy session, and saves the application's row and a prospect in it.

`python examples/host_flask.py` shows it, on SQLite; `create_app` takes any engine that crmkit does. What crmkit refuses
is answered as JSON that lists every fault: 404 what there is not, 409 what is taken or has changed, 422 what is wrong.
"""

import tempfile
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from flask import Flask, g, request
from sqlalchemy import Engine, Uuid, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import crmkit
from crmkit import AlreadyConverted, Busy, Conflict, CrmkitError, Duplicate, Invalid, NotFound, Prospect, Refused
from crmkit.exchange.plain import from_json, to_plain

__all__ = ["Trial", "create_app", "engine_of", "main"]

STATUSES: Final[dict[type[CrmkitError], int]] = {
    NotFound: 404,
    AlreadyConverted: 409,
    Conflict: 409,
    Duplicate: 409,
    Invalid: 422,
    Refused: 422,
    Busy: 503,
}
_DAYS: Final = 30


class Base(DeclarativeBase):
    """The application's own tables."""


class Trial(Base):
    """A row of the application's own: a company tries the product until a day."""

    __tablename__ = "trial"
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[UUID] = mapped_column(Uuid)
    ends_on: Mapped[date]


def engine_of(url: str) -> Engine:
    """An engine as an application makes it. On SQLite its connections have to enforce references."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON").close())
    return engine


def told(error: CrmkitError) -> tuple[dict[str, Any], int]:
    """What a client is told of an error: a sentence, and each fault with its field."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    found = getattr(error, "faults", ()) or getattr(error, "findings", ())
    faults = [{"field": one.field, "message": one.message} for one in found]
    if isinstance(error, Duplicate):
        faults = [{"field": error.field, "message": "is taken already"}]
    return {"error": str(error), "faults": faults}, status


def create_app(engine: Engine) -> Flask:
    """The application on its engine, whose tables and crmkit's are made where they are missing."""
    app = Flask(__name__)
    Base.metadata.create_all(engine)
    crm = crmkit.connect(engine, user="web")
    app.extensions["crmkit"] = crm
    for kind in STATUSES:
        app.register_error_handler(kind, told)

    @app.before_request
    def open_session() -> None:
        g.session = Session(engine)

    @app.teardown_request
    def close_session(_: BaseException | None) -> None:
        g.session.close()  # what has not been committed is forgotten

    @app.post("/trials")
    def start_trial() -> tuple[dict[str, Any], int]:
        """A company starts a trial: it is a prospect from now on."""
        with crm.begin(session=g.session) as work:
            prospect = work.prospects.add(from_json(Prospect, request.get_data(as_text=True)))
        trial = Trial(account=prospect.id, ends_on=crm.now().date() + timedelta(days=_DAYS))
        g.session.add(trial)
        g.session.commit()
        return {"trial": trial.id, "ends_on": trial.ends_on.isoformat(), "prospect": to_plain(prospect)}, 201

    @app.get("/prospects/<id>")
    def show_prospect(id: str) -> dict[str, Any]:
        with crm.begin(session=g.session, read_only=True) as work:
            return to_plain(work.prospects.get(id))

    @app.delete("/prospects/<id>")
    def forget_prospect(id: str) -> tuple[str, int]:
        """Its trials go too. Where it has to stay, so do they: what the session did in the unit is taken back."""
        with crm.begin(session=g.session) as work:
            prospect = work.prospects.get(id)
            for trial in g.session.scalars(select(Trial).where(Trial.account == prospect.id)):
                g.session.delete(trial)
            work.prospects.delete(prospect)
        g.session.commit()
        return "", 204

    return app


def main() -> None:
    """A trial that starts, and requests that are refused."""
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(f"sqlite:///{folder}/host.db")
        client = create_app(engine).test_client()

        def show(answer: Any) -> Any:
            print(f"{answer.request.method} {answer.request.path}: {answer.status_code}")
            for fault in (answer.json or {}).get("faults", ()):
                print(f"  {fault['field']}: {fault['message']}")
            return answer.json

        acme = show(client.post("/trials", json={"name": "Acme Bikes", "number": "P7"}))["prospect"]
        print(f"  {acme['number']}, {acme['name']}")
        show(client.post("/trials", json={"name": "Bolt", "number": "P7"}))
        show(client.post("/trials", json={"email": "nobody", "employees": -1}))
        show(client.get("/prospects/P7"))
        engine.dispose()


if __name__ == "__main__":
    main()
