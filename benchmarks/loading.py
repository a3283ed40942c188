"""What `import crmkit` brings along."""

import subprocess
import sys
from typing import Final

__all__ = ["third_party"]

_SCRIPT: Final = """
import sys
from importlib.metadata import packages_distributions
before = set(sys.modules)
{statement}
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
owners = packages_distributions()
found = {{owner for name in loaded for owner in owners.get(name, ()) if owner != "crmkit"}}
print(" ".join(sorted(found)))
"""


def third_party(statement: str) -> list[str]:
    """The distributions, the standard library and crmkit apart, that a fresh Python loads for that statement."""
    script = _SCRIPT.format(statement=statement)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    return done.stdout.split()
