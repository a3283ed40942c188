"""How a unit asks: the reading side of a unit of work on an SQL store, and how its statements are run."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import Record, Registry, Spec
from crmkit.entities.collecting import without_collecting
from crmkit.errors import Disconnected, StoreError
from crmkit.queries import About, Grouped, Grouping, Query
from crmkit.repositories.store import Past
from crmkit.stores.sql.grouping import Lowered, grouping_statement, groups_of
from crmkit.stores.sql.instants import instant_of, micros
from crmkit.stores.sql.lowering import Shape
from crmkit.stores.sql.transactions import Transaction

if TYPE_CHECKING:
    from crmkit.stores.sql.codecs import Codec
    from crmkit.stores.sql.store import SqlStore

__all__ = ["SqlReader"]

R = TypeVar("R", bound=Record)

_BATCH: Final = 500
_FETCHED: Final = 2_500
_FEW: Final = 1_000
"""Up to how many past states are put in order for a page of them."""


class _End:
    """Whether a unit is over, or has failed: it and what looks back from it end together."""

    __slots__ = ("broken", "over")

    def __init__(self) -> None:
        self.over = False
        self.broken = False


class SqlReader:
    """Reads the records of a tenant in a transaction, at one instant of the past or as they are."""

    def __init__(
        self, store: "SqlStore", tenant: str, transaction: Transaction, *, read_only: bool, as_of: datetime | None
    ) -> None:
        self.store = store
        self.tenant = tenant
        self.transaction = transaction
        self._read_only = read_only
        self._as_of = None if as_of is None else micros(as_of)
        self._past = as_of is not None
        self._recent: dict[Spec, bool] = {}
        self._end = _End()

    @property
    def registry(self) -> Registry:
        """The entities it serves."""
        return self.store.registry

    @property
    def cursor(self) -> Any:
        """The driver's cursor, inside the unit's transaction."""
        if self._end.broken:
            raise StoreError("the unit of work has failed and can only be rolled back: begin another")
        if self._end.over:
            raise StoreError("the unit of work is over: begin another")
        return self.transaction.cursor()

    def failed(self, cause: Exception) -> StoreError:
        """A failure of the driver in crmkit's words. What the transaction is worth after it, engines differ in: the
        unit is broken, unless it goes back to a savepoint.
        """
        self._end.broken = True
        return self.transaction.failed(cause)

    def execute(self, text: str, values: Sequence[Any] = ()) -> Any:
        """Run a statement as the driver takes it; the driver's error in crmkit's words. Gives the cursor."""
        cursor = self.cursor
        try:
            cursor.execute(text, values)
        except Exception as cause:
            failed = self.failed(cause)
            if isinstance(failed, Disconnected) and self.transaction.renewed():
                self._end.broken = False
                return self.execute(text, values)
            raise failed from cause
        return cursor

    def ask(self, text: str, values: Sequence[Any] = ()) -> Any:
        """As `execute`, of a statement written with `?` and `"`."""
        return self.execute(self.store.profile.text(text), values)

    # Asking

    def get(self, kind: type[R], id: UUID) -> R | None:
        """See the port."""
        found = self._by_ids(kind, [id])
        return found[0] if found else None

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """See the port."""
        wanted = list(dict.fromkeys(ids))
        found: dict[UUID, R] = {}
        for start in range(0, len(wanted), _BATCH):
            for record in self._by_ids(kind, wanted[start : start + _BATCH]):
                found[record.id] = record
        return {id: found[id] for id in wanted if id in found}

    def _by_ids(self, kind: type[R], ids: Sequence[UUID]) -> list[R]:
        found = self._of_each_kind(kind, ids)
        if self._read_only or self.store.profile.one_writer or len(self._codecs(kind)) == 1:
            return found
        while (left := set(ids) - {record.id for record in found}) and self._is_there(kind, left):
            found += self._of_each_kind(kind, list(left))
        return found

    def _of_each_kind(self, kind: type[R], ids: Sequence[UUID]) -> list[R]:
        if not ids:
            return []
        shape, values = self._with_ids([id.bytes for id in ids])
        records: list[R] = []
        for spec, codec in self._codecs(kind):
            rows = self._run(spec, codec, (shape,), values).fetchall()
            records += codec.decode(rows)
            if len(ids) == 1 and records:
                break
        return records

    def _with_ids(self, ids: list[bytes]) -> tuple[Shape, list[Any]]:
        """The shape of having one of the ids, and its values."""
        values: list[Any] = []
        return self.store.schema.lowering.among("id", ids, values), values

    def _is_there(self, kind: type[R], ids: Collection[UUID]) -> bool:
        """Whether one of the records is there that none of the kinds had. Each kind is asked for by a statement of its
        own, in which a unit that writes sees what was committed by then: another may have changed the kind in between.
        """
        table = self.store.schema.named(kind.spec.about.table)
        kinds = ", ".join(f"'{spec.about.kind}'" for spec, _ in self._codecs(kind))
        marks = ", ".join("?" * len(ids))
        there = f'SELECT 1 FROM {table} WHERE "tenant_id" = ? AND "id" IN ({marks}) AND "kind" IN ({kinds}) LIMIT 1'  # noqa: S608
        return self.ask(there, (self.tenant, *(id.bytes for id in ids))).fetchone() is not None

    def find(self, query: Query[R]) -> list[R]:
        """See the port."""
        with without_collecting(query.limit):
            segments = list(self._segments(query, whole=True))
            return segments[0] if len(segments) == 1 else [record for records in segments for record in records]

    def stream(self, query: Query[R]) -> Iterator[R]:
        """See the port."""
        if self.store.profile.reads_while_open:
            for records in self._segments(query):
                yield from records
        else:
            yield from self._page_by_page(query)

    def _page_by_page(self, query: Query[R]) -> Iterator[R]:
        left = query.limit
        while left is None or left > 0:
            size = _FETCHED if left is None else min(left, _FETCHED)
            records = self.find(attrs.evolve(query, limit=size))
            yield from records
            if len(records) < size:
                return
            query = attrs.evolve(query, after=query.cursor(records[-1]))
            left = None if left is None else left - size

    def _segments(self, query: Query[R], *, whole: bool = False) -> Iterator[list[R]]:
        """The rows with a sort value first, then those without; a few at a time, or each `whole`."""
        served = self._codecs(query.kind)
        if len(served) > 1:
            yield self._of_kinds(query)
            return
        sort, nullable, alone = self.store.schema.lowering.sort(query)
        values: list[Any] = []
        where = self.store.schema.lowering.where(query.kind, query.where, values)
        place = self.store.schema.lowering.place(query)
        empties = query.after is not None and sort != "id" and place[0] is None
        left = query.limit
        spec, codec = served[0]
        for segment in ("full", "empty") if nullable else ("",):
            if (segment == "full" and empties) or left == 0:
                continue
            after = ("both" if query.after is not None else "") if segment != "empty" or empties else ""
            cursor = self._run(
                spec,
                codec,
                where,
                values,
                sort=sort,
                alone=alone,
                descending=query.descending,
                after=after,
                place=place,
                limit=left,
                segment=segment,
                own_cursor=not whole,
            )
            if whole:
                records = codec.decode(cursor.fetchall())
                left = None if left is None else left - len(records)
                yield records
                continue
            try:
                while rows := cursor.fetchmany(_FETCHED):
                    records = codec.decode(rows)
                    left = None if left is None else left - len(records)
                    yield records
            finally:
                cursor.close()

    def _of_kinds(self, query: Query[R]) -> list[R]:
        """Records of several kinds of one table, put in one order."""
        found: list[R] = []
        for spec, _ in self._codecs(query.kind):
            kind: Any = spec.cls
            found += self.find(attrs.evolve(query, kind=kind))
        key = query.cursor
        full = [record for record in found if query.sort in ("", "id") or key(record).value is not None]
        none = [record for record in found if not (query.sort in ("", "id") or key(record).value is not None)]

        def place(record: R) -> Any:
            cursor = key(record)
            return (cursor.id,) if cursor.value is None else (cursor.value, cursor.id)

        ordered = sorted(full, key=place, reverse=query.descending)
        ordered += sorted(none, key=lambda record: record.id, reverse=query.descending)
        return ordered if query.limit is None else ordered[: query.limit]

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        """See the port."""
        lowering, prepared, values = self.store.schema.lowering, None, list[Any]()
        if isinstance(queries, About):
            prepared = lowering.prepared(queries.template)
            values = prepared.about(queries.id)
            queries = queries.more
        elif not queries:
            return []
        counted = lowering.counted(queries, values)
        statement = self.store.schema.statements.counts(prepared, counted, past=self._past)
        bound = statement.bound([self.tenant, self._as_of, None, None, None, *values])
        return list(self.execute(statement.text, bound).fetchone())

    def groups(self, groupings: Sequence[Grouping[Record]]) -> list[list[Grouped]]:
        """See the port. Those whose groups have the same form are one statement."""
        alike: dict[tuple[Any, ...], list[tuple[int, Lowered]]] = {}
        for place, grouping in enumerate(groupings):
            asked = Lowered(grouping, self.store.schema.lowering)
            alike.setdefault(asked.form, []).append((place, asked))
        found: list[list[Grouped]] = [[] for _ in groupings]
        for several in alike.values():
            answers = self._grouped([asked for _, asked in several])
            for (place, _), groups in zip(several, answers, strict=True):
                found[place] = groups
        return found

    def _grouped(self, asked: Sequence[Lowered]) -> list[list[Grouped]]:
        profile = self.store.profile
        rows, split = self._sums_of(asked, split=False), False
        if rows is None:
            rows, split = self._sums_of(asked, split=True) or [], True
        of_each: list[list[Any]] = [[] for _ in asked]
        for row in rows:
            of_each[row[0]].append(row[1:])
        memo: dict[Any, dict[Any, Any]] = {}
        return [
            groups_of(one, held, split=split, day_of=profile.day_of, memo=memo)
            for one, held in zip(asked, of_each, strict=True)
        ]

    def _sums_of(self, asked: Sequence[Lowered], *, split: bool) -> list[Any] | None:
        """The rows of a grouping's statement; None where the engine does not hold a sum: it says so, and has done
        nothing. With `split`, sums are in two.
        """
        schema, profile = self.store.schema, self.store.profile
        build = partial(grouping_statement, asked, schema.statements, past=self._past, split=split)
        statement = schema.statements.text(("groups", self._past, split, *(one.key for one in asked)), build)
        values = [value for one in asked for value in one.values]
        bound = statement.bound([self.tenant, self._as_of, None, None, None, *values])
        try:
            return list(self.execute(statement.text, bound).fetchall())
        except Exception as failed:
            if split or not profile.overflowed(failed.__cause__ or failed):
                raise
            self._end.broken = False
            return None

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        """See the port."""
        return self.histories(kind, [id]).get(id, [])

    def histories(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, list[Past[R]]]:
        """See the port: two statements for a few hundred."""
        wanted = list(dict.fromkeys(ids))
        found: dict[UUID, list[Past[Any]]] = {id: [] for id in wanted}
        for start in range(0, len(wanted), _BATCH):
            for spec in self.store.schema.layouts[kind.spec.about.table].specs:
                for past in self._states(spec, _rounded_up(wanted[start : start + _BATCH])):
                    found[past.record.id].append(past)
        for states in found.values():
            states.sort(key=lambda past: past.record.version)
        return {id: states for id, states in found.items() if states}

    def _states(self, spec: Spec, ids: Sequence[bytes]) -> Iterator[Past[Any]]:
        codec = self.store.schema.codec(spec)
        text = f'{self.store.schema.of_the_past(spec)} AND "id" IN ({", ".join("?" * len(ids))})'
        rows = self.ask(text, (self.tenant, *ids)).fetchall()
        records = codec.decode(row[:-3] for row in rows)
        for record, row in zip(records, rows, strict=True):
            yield Past(record, instant_of(row[-3]), row[-2], bool(row[-1]))
        shape, values = self._with_ids(list(ids))
        rows = self._run(spec, codec, (shape,), values, present=True).fetchall()
        yield from (Past(record, None) for record in codec.decode(rows))

    def as_of(self, instant: datetime) -> Self:
        """See the port: it looks back in the same transaction."""
        view = copy(self)
        vars(view).update(_as_of=micros(instant), _past=True, _read_only=True, _recent={})
        return view

    def _codecs(self, kind: type[Record]) -> Sequence[tuple[Spec, "Codec"]]:
        return self.store.schema.served(kind)

    def _run(
        self,
        spec: Spec,
        codec: "Codec",
        where: tuple[Any, ...],
        values: Sequence[Any],
        *,
        sort: str = "id",
        alone: bool = True,
        descending: bool = False,
        after: str = "",
        place: tuple[Any, Any] = (None, None),
        limit: int | None = None,
        segment: str = "",
        own_cursor: bool = False,
        present: bool = False,
    ) -> Any:
        past = self._past and not present
        statement = self.store.schema.statements.rows(
            codec,
            where,
            past=past,
            sort=sort,
            alone=alone,
            descending=descending,
            after=after,
            limit=limit is not None,
            segment=segment,
            recent=past and limit is not None and self._is_recent(spec),
        )
        bound = statement.bound([self.tenant, self._as_of, limit, *place, *values])
        if not own_cursor:
            return self.execute(statement.text, bound)
        _ = self.cursor
        cursor = self.transaction.another_cursor()
        try:
            cursor.execute(statement.text, bound)
        except Exception as cause:
            raise self.failed(cause) from cause
        return cursor

    def _is_recent(self, spec: Spec) -> bool:
        """Whether few past states of an entity held at the instant that is asked about."""
        found = self._recent.get(spec)
        if found is None:
            statement = self.store.schema.statements.recent(spec.about.table, spec.about.kind, _FEW)
            bound = statement.bound([self.tenant, self._as_of])
            found = self._recent[spec] = int(self.execute(statement.text, bound).fetchone()[0]) < _FEW
        return found


def _rounded_up(ids: Sequence[UUID]) -> list[bytes]:
    """Ids as they are bound, the last one repeated up to a power of two, so that few statements are compiled."""
    values = [id.bytes for id in ids]
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))
