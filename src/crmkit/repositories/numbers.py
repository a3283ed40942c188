"""How numbers for people are made and read, the same on every store."""

__all__ = ["number_tail", "number_text"]


def number_text(prefix: str, width: int, count: int) -> str:
    """The number with that count: `number_text("P", 6, 12)` is P000012."""
    return f"{prefix}{count:0{width}d}"


def number_tail(prefix: str, number: str) -> int:
    """The count in a number with that prefix, 0 where it has another prefix or no digits alone behind it.

    Prefixes are literal and compare without case, as numbers do.
    """
    head, tail = number[: len(prefix)], number[len(prefix) :]
    return int(tail) if head.lower() == prefix.lower() and tail.isascii() and tail.isdigit() and len(tail) < 16 else 0
