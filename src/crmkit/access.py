"""Who may use crmkit: checked at the boundary, once a unit of work; entities and rules know nothing of it."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from crmkit.errors import AccessDenied

__all__ = ["LICENCE_MODULE", "Licences", "check_access"]

LICENCE_MODULE: Final = "SyteLineTrans"
"""The licence module whose holders may use every part of the CRM."""

Licences = Mapping[str, Collection[str]] | Callable[[str], Collection[str]]
"""The licence modules of a user: a mapping, or a function of the user's key."""


def check_access(licences: Licences | None, user: str) -> None:
    """Let the user pass, or raise AccessDenied. Without licences everything is open."""
    if licences is None:
        return
    modules = licences(user) if callable(licences) else licences.get(user, ())
    if LICENCE_MODULE not in modules:
        raise AccessDenied(user, LICENCE_MODULE)
