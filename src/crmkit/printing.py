"""Text from records as it is shown: nothing in it steers a terminal, or makes a line of a log look like another."""

from typing import Final

__all__ = ["JOINERS", "on_one_line", "printable"]

JOINERS: Final = "\u200c\u200d"
"""They print nothing, and words of some languages need them."""


def printable(text: str) -> str:
    """The text in one line: characters that would steer a terminal are replaced, every blank is one of its own."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in JOINERS else " " if one.isspace() else "\ufffd" for one in text)


def on_one_line(text: str) -> str:
    """As `printable`, with one blank where there are several."""
    return printable(" ".join(text.split()))
