"""Where a file is to be written: refused before anything is, where it cannot be there."""

from os import PathLike
from pathlib import Path
from typing import Any

from crmkit.errors import Fault, Invalid

__all__ = ["as_path", "new_file"]


def as_path(path: Any) -> Path:
    """The path that is meant. Raises Invalid on what is none."""
    if not isinstance(path, str | PathLike) or not str(path):
        raise Invalid("the file", [Fault("path", f"is a path of a file, not {path!r}")])
    return Path(path)


def new_file(path: Any) -> Path:
    """The path of a file to write. Raises Invalid where it is a folder, or its folder is not there."""
    found = as_path(path)
    if found.is_dir():
        raise Invalid("the file", [Fault("path", f"{found} is a folder: name a file in it")])
    if not found.parent.is_dir():
        raise Invalid("the file", [Fault("path", f"there is no folder {found.parent}: make it first")])
    return found
