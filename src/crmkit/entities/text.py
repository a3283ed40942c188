"""Text, decided once for every store: what is accepted, how it is kept, and the key it is compared by."""

import unicodedata

__all__ = ["digits_key", "kept_text", "text_key", "trimmed_text", "with_article"]


def _checked(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {type(value).__name__}")
    if value.isascii():
        if "\x00" in value:
            raise ValueError("must not contain a NUL character: remove it")
        return value
    if "\x00" in value:
        raise ValueError("must not contain a NUL character: remove it")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not contain a lone surrogate: the text was decoded wrongly, decode it anew")
    return unicodedata.normalize("NFC", value)


def kept_text(value: object) -> str:
    """NFC, blanks kept: for notes and other running text. Raises ValueError on NUL and lone surrogates."""
    return _checked(value)


def trimmed_text(value: object) -> str:
    """NFC without blanks at the ends: for names, numbers and codes. Raises ValueError as `kept_text` does."""
    return _checked(value).strip()


def with_article(noun: str) -> str:
    """The noun behind its indefinite article: "a lead", "an order"; "a UUID", whose sound is that of "you"."""
    return f"an {noun}" if noun[:1].lower() in set("aeio") else f"a {noun}"


def text_key(value: str) -> str:
    """The key by which text is searched, ordered and unique: casefolded, NFC, inner blanks as one, trimmed.

    Accents count (`é` is not `e`); case does not; `%` and `_` are letters.
    """
    if value.isascii():
        return " ".join(value.lower().split())
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold()).split())


def digits_key(value: str) -> str:
    """The key of a telephone number: its digits, a leading plus kept (`00` counts as plus)."""
    bare = "".join(str(unicodedata.digit(c)) for c in value if unicodedata.digit(c, None) is not None)
    if value.lstrip().startswith("+"):
        return "+" + bare
    return "+" + bare[2:] if bare.startswith("00") else bare
