"""What is derived from the declarations and kept for readers is up to date."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def script(name: str) -> Any:
    """A script of the project, loaded."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_repositories_by_name_are_those_of_the_entities() -> None:
    """app/named.py is what scripts/write_derived.py makes, layout apart."""
    made = script("write_derived")
    kept = made.NAMED.read_text(encoding="utf-8")
    for part in (0, 1):
        shown, expected = (text.split("class NamedRepositories")[part] for text in (kept, made.named_repositories()))
        assert sorted(shown.replace("(", " ").split()) == sorted(expected.replace("(", " ").split())


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mariadb"])
def test_the_schema_is_the_one_that_was_reviewed(engine: str) -> None:
    """The snapshot is what scripts/write_schema.py makes."""
    made = script("write_schema")
    assert (made.SNAPSHOTS / f"ddl_{engine}.sql").read_text(encoding="utf-8") == made.ddl(engine)
