"""crmkit inside Django: one `transaction.atomic()` saves Django's row and a prospect together, or neither.

`python examples/host_django.py` shows it, on the database that DATABASE_URL names: an SQLite file (by default
`host_django.db` in the current folder) or PostgreSQL, through psycopg 3. Not on MariaDB: Django reaches it through
mysqlclient, and crmkit's statements are made for PyMySQL.

crmkit makes its tables itself, by `crmkit.connect(url)` once at the start; they are no models and have no migrations.
Django's requests then lend it their own connection.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.conf import settings
from django.db import connection, models, transaction
from sqlalchemy import make_url

import crmkit
from crmkit import Crm, Duplicate, Prospect
from crmkit.app.work import Work

__all__ = ["Registration", "database", "main", "make_tables", "register", "unit_of_work"]

URL = os.environ.get("DATABASE_URL", "sqlite:///host_django.db")


def database(url: str) -> dict[str, Any]:
    """What stands in Django's DATABASES for the database at a URL as crmkit takes it."""
    at = make_url(url)
    if at.get_backend_name() == "sqlite":
        # IMMEDIATE: a transaction that reads before it writes waits for another one's writing, instead of failing.
        options = {"transaction_mode": "IMMEDIATE"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": at.database, "OPTIONS": options}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": at.database,
        "USER": at.username,
        "PASSWORD": at.password,
        "HOST": at.host,
        "PORT": at.port,
        "OPTIONS": dict(at.query),
    }


if not settings.configured:
    settings.configure(DATABASES={"default": database(URL)}, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    django.setup()


class Registration(models.Model):
    """A row of the application's own: somebody has registered, for a company that is a prospect from then on."""

    email = models.EmailField(unique=True)
    account = models.UUIDField()

    class Meta:
        app_label = "shop"

    def __str__(self) -> str:
        return self.email


def make_tables() -> None:
    """Make the application's own table, where it is missing: what its migrations do in a project."""
    if Registration._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - Django documents it
        with connection.schema_editor() as editor:
            editor.create_model(Registration)


@contextmanager
def unit_of_work(crm: Crm, *, by: str | None = None) -> Iterator[Work]:
    """A unit of work on Django's connection, in the transaction that it has open; outside of one it is refused.

    It is a savepoint there: a block that raises takes back its own part, and the rest is Django's to save or undo. Undo
    by nested `atomic` blocks: of `transaction.savepoint()` Django does not tell what waits for the commit.
    """
    connection.ensure_connection()  # Django connects with the first statement only
    with crm.begin(connection=connection.connection, on_commit=transaction.on_commit, by=by) as work:
        yield work


def register(crm: Crm, email: str, prospect: Prospect) -> Registration:
    """Save a prospect and the registration for it, both or neither. Raises what crmkit and Django raise."""
    with transaction.atomic():
        with unit_of_work(crm, by=email) as work:
            account = work.prospects.add(prospect)
        return Registration.objects.create(email=email, account=account.id)


def main() -> None:
    """A registration that is saved, one that is refused, and one that is undone by a savepoint around it."""
    with crmkit.connect(URL) as crm:
        make_tables()
        crm.on("Created", lambda created, _: print(f"  after Django's commit: {created.record.name} is on file"))

        def show(what: str) -> None:
            print(f"{what}: {Registration.objects.count()} registrations, {crm.prospects.count()} prospects")

        show("At the start")
        number = register(crm, f"ana{crm.prospects.count()}@acme.example", Prospect(name="Acme Bikes")).account
        show("Acme Bikes has registered")

        try:
            register(crm, "eva@bolt.example", Prospect(name="Bolt", number=crm.prospects.get(number).number))
        except Duplicate as refused:
            print(f"  {refused}")
        show("Bolt has not")

        with transaction.atomic():
            with transaction.atomic():
                register(crm, "ivo@cogs.example", Prospect(name="Cogs"))
                transaction.set_rollback(True)
            show("Cogs is undone")
    connection.close()


if __name__ == "__main__":
    main()
