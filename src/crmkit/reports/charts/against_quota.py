"""The chart of a forecast against its quota."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from crmkit.entities import Money
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.roll_up import Group, RollUp
from crmkit.reports.charts.asked import check
from crmkit.reports.charts.drawing import COLOURS, Bars, as_amounts, blank, finished, nothing
from crmkit.reports.charts.saying import amounts, joined, name, percent, row_name, word

if TYPE_CHECKING:
    from crmkit.reports.charts.figure import Chart

__all__ = ["forecast_against_quota"]

_MOST: Final = 12
_LABEL: Final = 0.16
"""What a label above a bar takes of the height."""

_WEIGHTED: Final = {"won": COLOURS[0], "expected of what is open": "#8CC4E4"}
_CATEGORIES: Final = {"won": COLOURS[0], "commit": COLOURS[5], "best case": "#B9DDF2", "pipeline": "#DDE3E7"}


@attrs.frozen
class _Row:
    """A bar: its label, the pieces of which it is made, and its quota."""

    label: str
    pieces: tuple[Money, ...]
    quota: Money | None

    @property
    def reaches(self) -> Money:
        return Money.total(self.pieces, self.pieces[0].currency)


def forecast_against_quota(
    rolled: RollUp | Mapping[str, RollUp],
    key: Any = None,
    *,
    of: Literal["weighted", "categories"] = "weighted",
    most: int = _MOST,
    language: str = "en",
) -> "Chart":
    """What is won and what is expected beside it, a bar a row, against each row's quota.

    Of a roll-up by period and owner, a `key` (without the period) gives the periods of one owner. Several roll-ups
    under names, `{"2026-Q1": …, "2026-Q2": …}`, have a bar each for their totals: so the whole is seen by period, since
    a roll-up by an owner knows the quota of the whole. `of` says what is expected: "weighted" (value × probability of
    what is open), or "categories": commit, best case and pipeline on each other, in full. A bar says what it comes to
    and how much that is of the quota.

    Periods, and what is given under names, stand upright in their order; other rows lie, the largest first. Rows along
    a tree are with all that is below. Beyond `most` rows, the earliest or smallest are one row, which says how many
    they are; along a tree, where sums would count twice, they are left out and counted below. Raises Invalid on another
    `of` or language, less than one row, what is no roll-up and roll-ups in several currencies, MissingExtra.
    """
    given: Mapping[str, Any] = {"rolled": rolled}
    if isinstance(rolled, Mapping):
        given = {f"rolled[{label!r}]": one for label, one in rolled.items()}
    check(given, RollUp, "roll_up(by=…)", language)
    if of not in ("weighted", "categories"):
        raise Invalid("the chart", [Fault("of", f"is weighted or categories, not {of!r}")])
    if most < 1:
        raise Invalid("the chart", [Fault("most", "must be 1 or more")])
    colours = _WEIGHTED if of == "weighted" else _CATEGORIES
    held = _held(rolled, key, language)
    title = ", ".join([word("forecast against quota", language).capitalize(), *held.of, *held.currencies])
    rows = [_row(row, label, of) for label, row in held.rows]
    if not rows:
        return nothing(title, language)
    upright = held.upright
    rows, note = _kept(rows, most, language, upright=upright, nested=held.nested, others=held.others)
    figure, axes = blank(title, height=4.5 if upright else 1.6 + 0.34 * len(rows))
    bars = Bars(axes, upright)
    _put(bars, rows, colours, language)
    as_amounts(bars.value_axis)
    bars.name([row.label for row in rows])
    bars.leave_room(*((_LABEL, _LABEL) if upright else (0.14, 0.02)))
    quoted = any(row.quota is not None for row in rows)
    told = [(word(what, language), colour) for what, colour in colours.items()]
    bars.explain(told, word("quota", language) if quoted else "")
    return finished(figure, joined([word("each row with all that is below it", language) if held.below else "", note]))


def _put(bars: Bars, rows: Sequence[_Row], colours: Mapping[str, str], language: str) -> None:
    """The bars with their quotas, and what each says."""
    labels = amounts([row.reaches for row in rows], room=80 if bars.upright else 14 * _MOST)
    span = max(float(max(row.reaches, row.quota or row.reaches).amount) for row in rows)
    for place, (row, label) in enumerate(zip(rows, labels, strict=True)):
        pieces = zip(colours.items(), row.pieces, strict=True)
        low, high = bars.stack(place, [(what, float(one.amount), colour) for (what, colour), one in pieces])
        below = row.reaches.minor < 0
        if row.quota is not None:
            at = float(row.quota.amount)
            bars.mark(place, at, what="quota")
            if not bars.upright or at - high < _LABEL * span:  # else there is room between the bar and its quota
                low, high = min(low, at), max(high, at)
        bars.write(place, low if below else high, _said(row, label, language, upright=bars.upright), below=below)


@attrs.frozen
class _Held:
    """The rows to be shown under their labels, and how: `nested` ones are with those below them, too."""

    rows: tuple[tuple[str, Group], ...]
    currencies: tuple[str, ...]
    upright: bool
    nested: bool = False
    others: str = "other"
    below: bool = False
    of: tuple[str, ...] = ()


def _held(rolled: RollUp | Mapping[str, RollUp], key: Any, language: str) -> _Held:
    if not isinstance(rolled, RollUp):
        currencies = tuple(dict.fromkeys(one.currency for one in rolled.values()))
        if len(currencies) > 1:
            raise Invalid("the chart", [Fault("", f"roll-ups are in one currency, not in {', '.join(currencies)}")])
        return _Held(tuple((name(label), one.total) for label, one in rolled.items()), currencies, upright=True)
    currencies, tree = (rolled.currency,), bool(rolled.trees)
    if key is not None:
        return _of_key(rolled, key if isinstance(key, tuple) else (key,), language)
    if not rolled.by:
        return _Held(((word("total", language), rolled.total),), currencies, upright=False)
    rows = tuple((row_name(row, language), row) for row in rolled.rows)
    periods = rolled.by == ("period",)
    others = "earlier" if periods else "other"
    return _Held(rows, currencies, upright=periods, nested=tree, others=others, below=tree)


def _of_key(rolled: RollUp, wanted: tuple[Any, ...], language: str) -> _Held:
    """The periods of one owner. Raises Invalid."""
    others = [by for by in rolled.by if by != "period"]
    found = [row for row in rolled.rows if tuple(row.key[by] for by in others) == wanted]
    if not found or "period" not in rolled.by:
        raise Invalid("the chart", [Fault("key", f"there are no periods of {wanted!r}: roll up by period and owner")])
    rows = tuple((name(row.shown["period"]), row) for row in found)
    of = tuple(word("none", language) if found[0].key[by] is None else name(found[0].shown[by]) for by in others)
    return _Held(rows, (rolled.currency,), upright=True, others="earlier", below=bool(rolled.trees), of=of)


def _row(row: Group, label: str, of: str) -> _Row:
    held = row if row.with_descendants is None else row.with_descendants
    pieces: tuple[Money, ...] = (held.won, held.weighted - held.won)
    if of == "categories":
        pieces = (held.won, held.commit, held.best_case, held.pipeline)
    return _Row(label, pieces, row.quota)


def _kept(
    rows: Sequence[_Row], most: int, language: str, *, upright: bool, nested: bool, others: str
) -> tuple[list[_Row], str]:
    """The rows that are shown, and what is said of the others."""
    if not upright:
        rows = sorted(rows, key=lambda row: -row.reaches.minor)
    if len(rows) <= most:
        return list(rows), ""
    if nested:
        return list(rows[:most]), word("{} more are not shown", language).format(len(rows) - most)
    if upright:
        rest, kept = rows[: len(rows) - most], rows[len(rows) - most :]
        return [_together(rest, word(others, language)), *kept], ""
    return [*rows[:most], _together(rows[most:], word(others, language))], ""


def _together(rows: Sequence[_Row], label: str) -> _Row:
    currency = rows[0].reaches.currency
    quotas = [row.quota for row in rows if row.quota is not None]
    pieces = tuple(Money.total(some, currency) for some in zip(*(row.pieces for row in rows), strict=True))
    return _Row(f"{label} ({len(rows)})", pieces, Money.total(quotas, currency) if quotas else None)


def _said(row: _Row, label: str, language: str, *, upright: bool) -> str:
    if row.quota is None or not row.quota.minor:
        return label
    share = percent(Fraction(row.reaches.minor, row.quota.minor))
    return f"{label}\n{share}" if upright else f"{label}, {word('{} of quota', language).format(share)}"
