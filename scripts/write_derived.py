"""Write anew the files that are derived from the entities and kept for readers and type checkers.

Run it after adding or renaming an entity: `python scripts/write_derived.py`. A test compares them.
"""

from pathlib import Path

from crmkit.app.served import SERVED
from crmkit.entities import ENTITIES, Registry
from crmkit.entities.record import Spec

NAMED = Path(__file__).parent.parent / "src" / "crmkit" / "app" / "named.py"

LONGEST = 120
"""Characters a line."""

HEAD = '''"""The repositories by name, for type checkers and readers; written by scripts/write_derived.py."""

{imports}

__all__ = ["NamedRepositories"]


class NamedRepositories(Repositories):
    """Everything that stands on a `Crm` and on a unit of work, by name; entities of plugins have theirs too."""

'''


def served(spec: Spec) -> tuple[str, str]:
    """The class that serves an entity, and how its repository is typed."""
    kind = SERVED.get(spec.cls)
    if kind is None:
        return "", f"Repository[{spec.cls.__name__}]"
    generic = getattr(kind, "__parameters__", ())
    return kind.__name__, f"{kind.__name__}[{spec.cls.__name__}]" if generic else kind.__name__


def named_repositories() -> str:
    """The text of app/named.py."""
    specs = sorted(Registry(ENTITIES).by_plural.items())
    typed = [(plural, spec, *served(spec)) for plural, spec in specs]
    entities = sorted({spec.cls.__name__ for _, spec, _, how in typed if "[" in how})
    verbs: dict[str, set[str]] = {}
    for _, spec, name, _ in typed:
        if name:
            verbs.setdefault(SERVED[spec.cls].__module__, set()).add(name)
    imports = ["from crmkit.app.repositories import Repositories", "from crmkit.app.repository import Repository"]
    imports += [_import(module, sorted(names)) for module, names in verbs.items()]
    imports.append(_import("crmkit.entities", entities))
    lines = "".join(f"    {plural}: {how}\n" for plural, _, _, how in typed)
    return HEAD.format(imports="\n".join(sorted(imports))) + lines


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= LONGEST:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


if __name__ == "__main__":
    NAMED.write_text(named_repositories(), encoding="utf-8")
