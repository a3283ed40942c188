"""crmkit in a Celery task: a prospect is converted exactly once, however often the task is run.

`python examples/host_celery.py` shows it, on SQLite and without a worker. A worker needs a broker in place of
`memory://`, and the store's URL in the setting `crmkit_url`.
"""

import tempfile
from functools import cache
from typing import Any, Final
from uuid import UUID

from celery import Celery, Task

import crmkit
from crmkit import AlreadyConverted, Busy, Crm, OutcomeUnknown, Prospect

__all__ = ["app", "convert", "main", "open_crm"]

_SECONDS: Final = 5

app = Celery("crm", broker="memory://", backend="cache+memory://")
app.conf.crmkit_url = "memory:"


@cache
def open_crm() -> Crm:
    """One a process, opened by the first task that it runs: a connection must not be shared with a worker's parent."""
    return crmkit.connect(app.conf.crmkit_url, user="worker")


# Told of as done only once it is (`acks_late`), so that what a lost worker had begun is run by another one. `Busy`, and
# `Disconnected`, which is one: nothing was saved, run it again later. Other errors would only come again.
@app.task(bind=True, acks_late=True, autoretry_for=(Busy,), retry_backoff=True, retry_backoff_max=600, max_retries=8)
def convert(self: "Task[..., Any]", prospect: str) -> str:
    """Make a customer of the prospect with that id; returns the customer's number, also where it was one already.

    Raises NotFound and Refused, which no repetition changes; Busy where the store was so each time.
    """
    crm, account = open_crm(), UUID(prospect)
    try:
        return crm.conversion.convert(account).customer_number
    except AlreadyConverted as done:
        return done.customer_number
    except OutcomeUnknown as unknown:
        # The connection was lost in the commit. What is there says what became of it; only if it was lost, or is still
        # on its way, the task runs again. It would do so safely anyway; others, such as "add a note", would not.
        found = crm.customers.find(id=account)
        if found:
            return found[0].number
        raise self.retry(exc=unknown, countdown=_SECONDS) from unknown


def main() -> None:
    """The task runs twice, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        app.conf.update(task_always_eager=True, crmkit_url=f"sqlite:///{folder}/host.db")
        with open_crm() as crm:
            acme = crm.prospects.add(Prospect(name="Acme Bikes"))
            print(f"{acme.name} is prospect {acme.number}")
            for time in ("once", "twice"):
                print(f"Run {time}: customer {convert.delay(str(acme.id)).get()}")
            print(f"{crm.customers.count()} customer, {crm.conversions.count()} conversion")


if __name__ == "__main__":
    main()
