"""`Crm`: where a store, a policy, rules, handlers and a clock meet."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from crmkit.access import Licences, check_access
from crmkit.app.arguments import as_instant
from crmkit.app.moving import Moved, copy, dump, load
from crmkit.app.named import NamedRepositories
from crmkit.app.scope import OfCrm, again_while_busy
from crmkit.app.work import Looking, Work
from crmkit.changes import Event
from crmkit.entities import Record
from crmkit.entities.text import trimmed_text, with_article
from crmkit.errors import Fault, Finding, Invalid, Refused, StoreError
from crmkit.events import Handlers
from crmkit.ids import IdSource
from crmkit.policy import Policy
from crmkit.repositories.store import JoinedUnit, Joining, Past, Store
from crmkit.rules import RULES, Rule, Rulebook
from crmkit.stores.opening import upgraded
from crmkit.stores.past import PastStore, refuse_later

if TYPE_CHECKING:
    from crmkit.app.imagining import Imagined
    from crmkit.stores.parquet.folder import Exported

__all__ = ["Crm", "Settings"]

T = TypeVar("T")

NOT_GIVEN: Final[Any] = object()
"""Stands for an argument that was left out, where None would be a mistake."""

_LONGEST_USER: Final = 120
_AHEAD: Final = timedelta(milliseconds=1)


def system_clock() -> datetime:
    """The instant it is, by this machine's clock."""
    return datetime.now(UTC)


@attrs.frozen(kw_only=True)
class Settings:
    """What an application has handed in."""

    tenant: str = "default"
    user: str = ""
    clock: Callable[[], datetime] = system_clock
    currency: str = "EUR"
    zone: ZoneInfo = ZoneInfo("UTC")
    policy: Policy = Policy()
    licences: Licences | None = None
    ids: Callable[[], UUID] = attrs.field(factory=IdSource)
    as_of: datetime | None = None

    @property
    def stands(self) -> datetime:
        """The instant as of which everything is seen as it stands: that of a view of the past, else just after now,
        since what was changed several times within an instant of the clock was recorded just after it.
        """
        return self.as_of or self.clock().astimezone(UTC) + _AHEAD


class Crm(NamedRepositories):
    """The CRM of one tenant, on one store. Every repository and service stands on it; each call is a unit of work
    of its own. For several calls as one, `with crm.begin() as work`.
    """

    def __init__(self, store: Store, settings: Settings, rules: Iterable[Rule] = ()) -> None:
        super().__init__(OfCrm(self), store.registry)
        self.store = store
        self.settings = settings
        self.rulebook = Rulebook((*RULES, *rules))
        self.handlers = Handlers()
        self.pause: Callable[[float], None] = time.sleep
        """How it waits before it tries again what was in another's way."""
        self._closed = threading.Event()

    def __repr__(self) -> str:
        past = f" as of {self.settings.as_of}" if self.settings.as_of else ""
        return f"<Crm of tenant {self.settings.tenant!r}{past}>"

    def now(self) -> datetime:
        """The instant it is, by the clock that was handed in; in a view of the past, its instant."""
        return self.settings.as_of or self.settings.clock().astimezone(UTC)

    @contextmanager
    def begin(
        self,
        *,
        by: str | None = None,
        read_only: bool = False,
        connection: Any = NOT_GIVEN,
        session: Any = NOT_GIVEN,
        on_commit: Callable[[Callable[[], None]], object] | None = None,
    ) -> Iterator[Work]:
        """A unit of work: saved together when the block ends well, forgotten when it raises.

        `by` is the user it is recorded under. The block is not run again by itself when the store is busy or
        another was faster (`run` does that).

        With a `connection` (SQLAlchemy's or the driver's) or a `session` of a host it runs in the host's open
        transaction: the host's commit saves it with all else, the host's rollback forgets it, and a block that
        raises takes back its own part alone. *After* handlers are told once the host has committed; unless it is a
        session's, `on_commit` says when: it is called with what to call then, as Django's `transaction.on_commit` is.

        Raises AccessDenied, Invalid on an unusable user, Busy, StoreError.
        """
        user = self._user_of(by, read_only=read_only)
        host = session if connection is NOT_GIVEN else connection
        given = host is not NOT_GIVEN
        joined = self._joined(host, read_only=read_only, on_commit=on_commit) if given else None
        unit = joined or self.store.begin(
            tenant=self.settings.tenant,
            clock=self.settings.clock,
            read_only=read_only,
            as_of=self.settings.as_of,
        )
        work = Work(self, unit, user, read_only=read_only)
        try:
            yield work
            happened = work.finish()
        except BaseException:
            unit.rollback()
            raise
        if joined is None:
            self._tell(happened)
        elif happened:
            joined.after_commit(partial(self._tell, happened))

    def reading(self, *, snapshot: bool = True) -> AbstractContextManager[Work]:
        """As `begin(read_only=True)`; without `snapshot`, for one question that one statement answers."""
        return _Reading(self, snapshot=snapshot)

    def writing(self, *, looking: bool = False) -> AbstractContextManager[Work]:
        """As `begin`, for one call that ends with what it writes. Each question that it asks before may see its own
        moment: what it changes is checked against the versions that it has read. With `looking`, all of them see one,
        and nothing is written: it ends with UnrefusedError instead.
        """
        return _Writing(self, looking=looking)

    def _user_of(self, by: str | None, *, read_only: bool) -> str:
        """The user of a new unit. Raises Invalid, AccessDenied, StoreError once it is closed, and Refused on a view of
        the past.
        """
        self._refuse_closed()
        user = _user(self.settings.user if by is None else by)
        check_access(self.settings.licences, user)
        if not read_only:
            self._refuse_past("writing")
        return user

    def _refuse_past(self, action: str) -> None:
        past = self.settings.as_of
        if past is not None:
            said = f"this is a view of the past, as of {past}: it cannot be changed"
            raise Refused(action, [Finding("past", said)])

    def _refuse_closed(self) -> None:
        if self._closed.is_set():
            raise StoreError("this CRM is closed: connect again")

    def _joined(self, host: Any, *, read_only: bool, on_commit: Any) -> JoinedUnit:
        if host is None:
            said = "is None: hand in one that is connected, or leave it out for a unit of its own"
            raise Invalid("the unit of work", [Fault("connection", said)])
        if self.settings.as_of is not None:
            raise StoreError("a view of the past cannot join a transaction of the present: begin a unit of its own")
        if not isinstance(self.store, Joining):
            raise StoreError(f"{type(self.store).__name__} cannot join another's transaction: begin a unit of its own")
        unit = self.store.join(
            host, tenant=self.settings.tenant, clock=self.settings.clock, read_only=read_only, on_commit=on_commit
        )
        if self.handlers.any_after and not (read_only or unit.knows_of_commit):
            said = "is needed: handlers wait for the commit of a transaction whose end crmkit cannot see"
            raise Invalid("the unit of work", [Fault("on_commit", said)])
        return unit

    def _tell(self, happened: Iterable[Event]) -> None:
        for event in happened:
            self.handlers.after(event, self)

    def run(self, task: Callable[[Work], T], *, by: str | None = None) -> T:
        """Run `task(work)` in a unit of work, and all of it again, at most ten times, where the store was busy.

        The task has no effect but on `work`, since it may run more than once.
        """

        def whole() -> T:
            with self.begin(by=by) as work:
                return task(work)

        return again_while_busy(whole, self.pause)

    def as_of(self, instant: datetime) -> "Crm":
        """The same CRM as it stood at an instant: it answers every question and changes nothing. It knows nothing that
        came later, be it asked for a record's history or for the time; `close` leaves the CRM open.

        An answer is final if the instant is not later than `settled()`. Raises Invalid on an instant without time zone;
        Refused, on a view of the past, on one that is later than the view's own.
        """
        at = as_instant("as_of", "instant", instant)
        if self.settings.as_of is not None:
            refuse_later(at, self.settings.as_of)
        store = PastStore(self.store, at, self.settings.clock)
        past = Crm(store, attrs.evolve(self.settings, as_of=at, clock=lambda: at))
        past.rulebook, past.pause = self.rulebook, self.pause
        past._closed = self._closed
        return past

    def what_if(self) -> "Imagined":
        """A CRM to imagine in: it begins as this one stands, anything may be changed and asked in it, and nothing of it
        reaches this one. `with crm.what_if() as imagined:` throws it away at the end; it holds no transaction open.
        """
        from crmkit.app.imagining import Imagined  # noqa: PLC0415 - it is a Crm, and loaded on use

        self._refuse_closed()
        return Imagined(self)

    def settled(self) -> datetime:
        """Up to this instant no answer about the past will change any more."""
        self._refuse_closed()
        return self.store.settled(self.settings.clock().astimezone(UTC), tenant=self.settings.tenant)

    def history(self, record: Record) -> list[Past[Any]]:
        """Every saved state of a record, oldest first, the present one last."""
        with self.begin(read_only=True) as work:
            return work.history(record)

    def on(
        self,
        event: type[Event] | str,
        handler: Callable[[Any, Any], object],
        phase: Literal["before", "after"] = "after",
    ) -> Callable[[], None]:
        """Call `handler(event, work)` before changes are saved, where it may veto by raising `Vetoed`; or
        `handler(event, crm)` after they are committed, where a failure harms nobody. Returns a function that ends it.
        Raises Invalid; Refused on a view of the past, in which nothing happens.
        """
        self._refuse_past("listening")
        return self.handlers.on(event, handler, phase)

    def to_excel(self, path: "str | PathLike[str]", *, language: str = "en") -> None:
        """Write everything to a workbook, one sheet a kind. Raises MissingExtra without its extra, Invalid where its
        folder is not there, OSError where it cannot be written.
        """
        from crmkit.exchange.excel import write_workbook  # noqa: PLC0415 - loaded on use

        with self.begin(read_only=True) as work:
            kinds = [spec.cls for spec in self.registry.specs if spec.about.family != "internal"]
            write_workbook(path, [(kind, work.repository(kind).all()) for kind in kinds], language=language)

    def to_parquet(self, folder: "str | PathLike[str]", *, history: bool = True) -> "Exported":
        """Write everything to a folder of Parquet files, for engines beyond the database: in `tenant=…`, a folder a
        table, with the present states and, with `history`, the past ones. A view of the past writes what it knows. The
        files are read again and compared before the folder gets its name: it is there whole, or not at all.

        `connect("parquet:…")` asks it what is asked of any store. Returns what was written. Raises MissingExtra without
        its extra, Invalid where the tenant is in that folder already, OSError where it cannot be written.
        """
        from crmkit.app.exporting import to_parquet  # noqa: PLC0415 - loaded on use

        return to_parquet(self, folder, history=history)

    def chart(self, *, language: str = "en") -> str:
        """How the kinds of record relate, drawn from their declarations, as Mermaid text."""
        from crmkit.reports.chart import relationship_chart  # noqa: PLC0415 - loaded on use

        return relationship_chart(self.registry, language=language)

    def copy_to(self, other: "Crm") -> Moved:
        """Copy all of this tenant, with its whole history, into another CRM, whose tenant is empty: records keep their
        ids, versions and instants, and numbers go on where they are. Each state is compared before it is saved.

        Raises Refused where the other has records (open it with `starter=None`), StoreError, Invalid on what is no
        `Crm`; then nothing is copied.
        """
        given: Any = other
        if not isinstance(given, Crm):
            said = f"is another Crm, or what is .ordinary of an awaited one; not {with_article(type(given).__name__)}"
            raise Invalid("the copy", [Fault("other", said)])
        return copy(self, other)

    def dump(self, path: "str | PathLike[str]") -> Moved:
        """Write all of this tenant, with its whole history, to a file of JSON lines; compressed, if it ends in `.gz`.
        The file is there whole or not at all. Raises Invalid where its folder is not there, OSError where it cannot be
        written.
        """
        return dump(self, path)

    def load(self, path: "str | PathLike[str]") -> Moved:
        """Take everything from a file that `dump` has written, into an empty tenant, as `copy_to` does.

        Raises Invalid where there is no such file, UnknownFormat on one that is something else, newer, cut
        short or altered, and Refused where there are records; then nothing is taken.
        """
        return load(self, path)

    def upgrade(self, *, dry_run: bool = False) -> list[str]:
        """Bring the schema of the store to this release; the statements, which are only given where it is a `dry_run`.

        A CRM is not opened on an older schema unless by `connect(url, upgrade=True)`: see `crmkit.upgrade` for a URL.
        Raises StoreError where the store has no schema.
        """
        return upgraded(self.store, dry_run=dry_run)

    def close(self) -> None:
        """Let go of the store's connections. What is asked of this CRM from then on raises StoreError. A view of the
        past has none of its own: closing it does nothing.
        """
        if self.settings.as_of is not None:
            return
        self._closed.set()
        self.store.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.is_set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _user(user: str) -> str:
    """The user as records keep it. Raises Invalid."""
    try:
        kept = trimmed_text(user)
    except ValueError as fault:
        raise Invalid("the user", [Fault("by", str(fault))]) from None
    if len(kept) > _LONGEST_USER:
        raise Invalid("the user", [Fault("by", f"has {len(kept)} characters, at most {_LONGEST_USER} are kept")])
    return kept


class _Writing:
    """A unit that one call writes in. A class, as the one that only reads is."""

    __slots__ = ("_crm", "_looking", "_work")

    def __init__(self, crm: Crm, *, looking: bool) -> None:
        self._crm = crm
        self._looking = looking

    def __enter__(self) -> Work:
        settings, looking = self._crm.settings, self._looking
        user = self._crm._user_of(None, read_only=False)  # noqa: SLF001 - of this module
        unit = self._crm.store.begin(tenant=settings.tenant, clock=settings.clock, read_only=looking, snapshot=looking)
        self._work = (Looking if looking else Work)(self._crm, unit, user, read_only=looking)
        return self._work

    def __exit__(self, error: object, *_: object) -> None:
        if error is not None:
            self._work.unit.rollback()
            return
        try:
            happened = self._work.finish()
        except BaseException:
            self._work.unit.rollback()
            raise
        self._crm._tell(happened)  # noqa: SLF001 - of this module


class _Reading:
    """A unit that only reads. A class, since a generator's turns would show in each of many short calls."""

    __slots__ = ("_crm", "_snapshot", "_unit")

    def __init__(self, crm: Crm, *, snapshot: bool) -> None:
        self._crm = crm
        self._snapshot = snapshot

    def __enter__(self) -> Work:
        settings = self._crm.settings
        self._crm._refuse_closed()  # noqa: SLF001 - of this module
        user = _user(settings.user)
        check_access(settings.licences, user)
        self._unit = self._crm.store.begin(
            tenant=settings.tenant, clock=settings.clock, read_only=True, as_of=settings.as_of, snapshot=self._snapshot
        )
        return Work(self._crm, self._unit, user, read_only=True)

    def __exit__(self, error: object, *_: object) -> None:
        if error is None:
            try:
                self._unit.commit()
            except BaseException:
                self._unit.rollback()
                raise
        else:
            self._unit.rollback()
