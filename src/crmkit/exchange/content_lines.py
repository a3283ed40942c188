"""The content lines that vCards are made of (RFC 6350, 3.2 and 3.3; RFC 2426; vCard 2.1's quoted-printable too)."""

import quopri
import re
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

__all__ = ["ContentLine", "content_lines", "escaped", "folded", "split_value", "unescaped"]

_NAME: Final = re.compile(r"(?:(?P<group>[A-Za-z0-9-]+)\.)?(?P<name>[A-Za-z0-9-]+)(?=[;:])")
_OCTETS: Final = 75


@attrs.frozen
class ContentLine:
    """One property: its name in capitals, its parameters (names in capitals, with their values), its raw value.

    `number` is the line of the file on which it begins and `raw` its text, unfolded.
    """

    number: int
    name: str
    parameters: tuple[tuple[str, str], ...]
    value: str
    raw: str
    group: str = ""

    def all(self, parameter: str) -> list[str]:
        """The values of a parameter, in lower case; those in lists apart."""
        return [
            one.strip().lower() for name, held in self.parameters if name == parameter for one in held.split(",") if one
        ]

    @property
    def text(self) -> str:
        """The whole value, unescaped."""
        return unescaped(self.value)


def content_lines(text: str) -> Iterator[ContentLine | tuple[int, str]]:
    """The content lines of a text; number and text of a line that is none."""
    for number, raw in _unfolded(text):
        if raw.strip():
            yield _parsed(number, raw) or (number, raw)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    start, held = 0, ""
    for number, line in enumerate(re.split("\r\n|\n|\r", text), 1):
        soft = held.endswith("=") and "QUOTED-PRINTABLE" in held.partition(":")[0].upper()
        if start and soft:
            held = held[:-1] + line
        elif start and line[:1] in (" ", "\t"):
            held += line[1:]
        else:
            if start:
                yield start, held
            start, held = number, line
    if start:
        yield start, held


def _parsed(number: int, raw: str) -> ContentLine | None:
    head = _NAME.match(raw.lstrip())
    if head is None:
        return None
    rest = raw.lstrip()[head.end() :]
    parameters, value = _parameters(rest)
    if value is None:
        return None
    name = head["name"].upper()
    encodings = [held.upper() for key, held in parameters if key in ("ENCODING", "TYPE")]
    if "QUOTED-PRINTABLE" in encodings:
        charset = next((held for key, held in parameters if key == "CHARSET"), "utf-8")
        value = _quoted(value, charset)
        parameters = [(k, v) for k, v in parameters if k != "CHARSET" and v.upper() != "QUOTED-PRINTABLE"]
        said = "".join(f";{key}={held}" for key, held in parameters)
        group = f"{head['group']}." if head["group"] else ""
        raw = f"{group}{name}{said}:{value}"
    return ContentLine(number, name, tuple(parameters), value, raw, head["group"] or "")


def _parameters(rest: str) -> tuple[list[tuple[str, str]], str | None]:
    """The parameters before the value, and the value; None where there is no colon."""
    found: list[tuple[str, str]] = []
    part, quoted = "", False
    for place, character in enumerate(rest):
        if character == '"':
            quoted = not quoted
        if character in ";:" and not quoted:
            if part:
                found.append(_parameter(part))
            part = ""
            if character == ":":
                return found, rest[place + 1 :]
        else:
            part += character
    return found, None


def _parameter(part: str) -> tuple[str, str]:
    """`TYPE=work`, or vCard 2.1's bare `WORK`, which is a type or an encoding."""
    name, equals, value = part.partition("=")
    if not equals:
        bare = name.strip()
        return ("ENCODING", bare) if bare.upper() in ("QUOTED-PRINTABLE", "BASE64", "8BIT") else ("TYPE", bare)
    return name.strip().upper(), value.strip().strip('"')


def _quoted(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "surrogatepass"))
    try:
        text = raw.decode(charset)
    except (LookupError, UnicodeDecodeError):
        text = raw.decode("cp1252", "replace")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def split_value(value: str, separator: str) -> list[str]:
    """The parts of a value, unescaped; an escaped separator is none."""
    parts = [""]
    escape = False
    for character in value:
        if escape:
            parts[-1] += "\\" + character
            escape = False
        elif character == "\\":
            escape = True
        elif character == separator:
            parts.append("")
        else:
            parts[-1] += character
    if escape:
        parts[-1] += "\\"
    return [unescaped(part) for part in parts]


def unescaped(value: str) -> str:
    r"""The text that a value stands for: `\n` is a line end, `\,` a comma."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value, flags=re.DOTALL)


def escaped(text: str) -> str:
    """The text as a value."""
    plain = text.replace("\r\n", "\n").replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\n")
    return plain.replace(",", "\\,").replace(";", "\\;")


def folded(lines: Iterable[str]) -> str:
    """The lines as a file: at most 75 octets each, no character cut, CRLF."""
    return "".join(part + "\r\n" for line in lines for part in _fold(line))


def _fold(line: str) -> Iterator[str]:
    part, size = "", 0
    for character in line:
        octets = len(character.encode("utf-8", "surrogatepass"))
        if size + octets > _OCTETS:
            yield part
            part, size = " ", 1
        part += character
        size += octets
    yield part
