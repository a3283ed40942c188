"""What stands on a chart: words in a language, names kept short, amounts kept short or exact."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from textwrap import wrap
from typing import Any, Final
from unicodedata import bidirectional

from crmkit.entities import Money
from crmkit.printing import on_one_line

__all__ = [
    "amounts",
    "instant",
    "joined",
    "name",
    "on_lines",
    "percent",
    "row_name",
    "sentence",
    "short",
    "signed",
    "stage_name",
    "word",
]

_LONGEST: Final = 28
_LONGEST_EXACT: Final = 14
_ISOLATE, _END = "\u2068", "\u2069"
"""Between them text has the direction of its own first letter, and turns nothing around it (Unicode, annex 9)."""

_LEFTWARDS: Final = ("R", "AL", "AN")
"""The classes of letters and figures that are written, or stand, from right to left."""

_THREE: Final = Context(prec=3, rounding=ROUND_HALF_EVEN)
_UNITS: Final = ((Decimal(10**6), " M"), (Decimal(10**3), " k"), (Decimal(1), ""))

_SPANISH: Final = {
    "at least": "al menos",
    "best case": "mejor caso",
    "chance": "probabilidad",
    "chance of each {}": "probabilidad de cada {}",
    "commit": "comprometido",
    "count": "número",
    "days": "días",
    "deleted": "eliminadas",
    "distribution of revenue": "distribución de los ingresos",
    "down": "a la baja",
    "earlier": "anteriores",
    "end": "final",
    "entered": "entraron",
    "expected of what is open": "esperado de lo abierto",
    "forecast against quota": "previsión frente a cuota",
    "from P10 to P90": "de P10 a P90",
    "from {} to {}": "de {} a {}",
    "funnel": "embudo",
    "gross": "bruto",
    "less or more than that": "menos o más",
    "lost": "perdido",
    "mean": "media",
    "median": "mediana",
    "moved in": "llegadas",
    "moved out": "marchadas",
    "new": "nuevas",
    "no data: nobody has left a stage": "sin datos: nadie ha salido de una etapa",
    "none": "ninguno",
    "nothing to show": "nada que mostrar",
    "omitted": "omitido",
    "open": "abierto",
    "open pipeline": "cartera abierta",
    "other": "otros",
    "pipeline": "cartera",
    "pulled in": "adelantadas al periodo",
    "pulled out": "adelantadas fuera",
    "pushed in": "aplazadas al periodo",
    "pushed out": "aplazadas fuera",
    "quota": "cuota",
    "rates": "tipos de cambio",
    "reopened": "reabiertas",
    "start": "inicio",
    "time in stage": "tiempo en cada etapa",
    "total": "total",
    "trend": "tendencia",
    "up": "al alza",
    "weighted": "ponderado",
    "with all that is below": "con todo lo que depende de ello",
    "won": "ganado",
    "deals: {}": "operaciones: {}",
    "{} left, mean {}, longest {}": "{} salieron, media {}, máximo {}",
    "{} more are not shown": "{} más no se muestran",
    "{} of quota": "{} de la cuota",
    "runs: {}": "simulaciones: {}",
    "{} to {}": "{} a {}",
    "{} still there": "{} siguen",
    "of {}: {} won, {} lost, {} open": "de {}: {} ganadas, {} perdidas, {} abiertas",
    "percent of those that entered, in brackets of the stage before": (
        "porcentaje de las que entraron, entre paréntesis de la etapa anterior"
    ),
    "each row with all that is below it": "cada fila con todo lo que depende de ella",
}


def word(english: str, language: str) -> str:
    """The word or sentence in the language."""
    return _SPANISH.get(english, english) if language == "es" else english


def sentence(text: str) -> str:
    """The text with a large first letter; the others stay, since a unit may be among them."""
    return text[:1].upper() + text[1:]


def name(text: str) -> str:
    """A name as a label: on one line, what steers its direction replaced, cut where it is long.

    One with letters that are written from right to left is isolated, so that what stands beside it stays there.
    """
    line = on_one_line(text)
    cut = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
    return f"{_ISOLATE}{cut}{_END}" if any(bidirectional(one) in _LEFTWARDS for one in cut) else cut


def short(amount: Decimal) -> str:
    """An amount to three digits, in thousands (k) or millions (M)."""
    rounded = _THREE.plus(amount)
    scale, unit = next((one for one in _UNITS if abs(rounded) >= one[0]), _UNITS[-1])
    return f"{(rounded / scale).normalize():,f}".replace("-", "−") + unit


def amounts(held: Sequence[Money], *, room: int) -> list[str]:
    """The amounts exactly, without cents where none of them has any, if all fit into so many characters; else short."""
    whole = all(one.amount == one.amount.to_integral_value() for one in held)
    exact = [f"{one.amount:,.0f}" if whole else f"{one.amount:,f}" for one in held]
    longest = max(map(len, exact), default=0)
    if longest <= _LONGEST_EXACT and longest * len(exact) <= room:
        return [one.replace("-", "−") for one in exact]
    return [short(one.amount) for one in held]


def signed(label: str, amount: Money) -> str:
    """The label of an amount with a plus where it is above zero."""
    return f"+{label}" if amount.minor > 0 else label


def row_name(row: Any, language: str) -> str:
    """The name of a row of an answer, by what tells it apart from the others."""
    told = (word("none", language) if row.key[by] is None else name(shown) for by, shown in row.shown.items())
    return " · ".join(told)


def stage_name(code: str, names: Mapping[str, str]) -> str:
    """How a stage is called; where nobody says, its code."""
    return name(names.get(code) or code.replace("_", " "))


def on_lines(label: str) -> str:
    """A label on several short lines, for below a bar."""
    return "\n".join(wrap(label, 11, break_long_words=False))


def percent(ratio: Fraction) -> str:
    """A ratio in whole percent (half-even); to a tenth where whole ones would say 0 or 100 % and it is not.

    What is closer still to 0 or 100 % is told as less, or more, than that.
    """
    whole, tenths = round(ratio * 100), round(ratio * 1000)
    if whole == ratio * 100 or whole not in (0, 100):
        told = f"{whole:,}"
    elif tenths not in (0, 1000):
        told = f"{Decimal(tenths) / 10:f}"
    else:
        told = {(0, True): "< 0.1", (0, False): "> -0.1", (1000, True): "> 99.9", (1000, False): "< 100.1"}[
            tenths, 0 < ratio < 1
        ]
    return f"{told} %".replace("-", "−")


def instant(at: datetime) -> str:
    """An instant to the minute; to the day at midnight."""
    told = at.isoformat(" ", "minutes").replace("+00:00", "")
    return told.removesuffix(" 00:00")


def joined(notes: Iterable[str]) -> str:
    """Notes as a line, each once, without those that are empty."""
    return "; ".join(dict.fromkeys(filter(None, notes)))
