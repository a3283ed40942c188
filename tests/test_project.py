"""Habits of the project that a machine can check."""

import ast
import copy
import importlib
import os
import pickle
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from packaging.requirements import Requirement

import crmkit
from crmkit.entities import (
    ENTITIES,
    Address,
    ExchangeRate,
    ForecastAdjustment,
    FrozenMap,
    Money,
    Record,
    SalesContact,
)
from crmkit.entities.facts import OneOf
from crmkit.entities.specs import REQUIRED

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "crmkit"
MODULES = sorted(SOURCE.rglob("*.py"))
CORE = ("entities", "changes", "conversion", "errors", "forecasting", "policy", "queries", "repositories", "rules")

FREE_LICENCES = re.compile(
    r"\b(MIT|0BSD|BSD|ISC|Apache|PSF|PSFL|Python-2\.0|Python Software Foundation|Unlicense|Zlib)\b"
)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|GNU|MPL|Mozilla Public|EUPL|EPL|CDDL)", re.IGNORECASE)
KNOWN_COPYLEFT = {"hypothesis": "MPL", "pathspec": "MPL", "psycopg": "LGPL", "psycopg-binary": "LGPL"}
"""Distributions under a copyleft licence that the project may use: tools, test libraries and the driver of an extra,
never the core's."""

MACHINE = re.compile(
    r"(?<![\w.])/(work|home|root|Users)/\w|/tmp/\w|[A-Z]:\\Users\\"
    r"|https?://(\w+\.)*(pypi|pythonhosted|npmjs)\.\w+/(simple|packages)"
    r"|--(extra-)?index-url|^\s*index-url",
    re.MULTILINE,
)


def files_of_the_project() -> Iterator[Path]:
    """Every file of the checkout, what tools and builds leave behind apart."""
    for entry in sorted(ROOT.iterdir()):
        hidden = entry.name.startswith(".") and entry.name not in (".ci", ".gitignore")
        if hidden or entry.name in ("build", "dist", "htmlcov", "node_modules", "venv"):
            continue
        yield from (entry.rglob("*") if entry.is_dir() else [entry])


def imports_of(module: Path) -> set[str]:
    """The packages that a module imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def public_definitions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Each public class, function and method, by its dotted name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            overload = any("overload" in ast.dump(decorator) for decorator in node.decorator_list)
            if not node.name.startswith("_") and not overload:
                yield inside + node.name, node
                if isinstance(node, ast.ClassDef):
                    yield from public_definitions(node, f"{inside}{node.name}.")
        elif isinstance(node, ast.If):
            yield from public_definitions(node, inside)


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that are loaded once the statement has run, beyond the standard library."""
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"{statement}\n"
        "for name in {name.partition('.')[0] for name in set(sys.modules) - before}:\n"
        "    if name not in sys.stdlib_module_names and not name.startswith('_sysconfigdata'): print(name)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


def test_importing_crmkit_loads_nothing_but_itself():
    """`import crmkit` brings no third-party package along, not even attrs: names are loaded when they are used."""
    assert loaded_by("import crmkit") == {"crmkit"}


@pytest.mark.parametrize("module", ["entities", "changes", "queries", "repositories", "rules", "starter", "reports"])
def test_the_core_loads_attrs_alone(module):
    """Loading a module of the core loads attrs and crmkit, nothing else beyond the standard library."""
    assert loaded_by(f"import crmkit.{module}") <= {"crmkit", "attr", "attrs"}


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if module.relative_to(SOURCE).parts[0].removesuffix(".py") in CORE],
    ids=lambda module: str(module.relative_to(SOURCE)),
)
def test_the_core_imports_attrs_and_the_standard_library(module):
    """No statement of a module of the core, executed or not, imports another third-party package."""
    assert imports_of(module) - sys.stdlib_module_names <= {"attrs", "crmkit"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(SOURCE)))
def test_everything_public_has_a_docstring(module):
    """Each module, public class, public function and public method says what it means."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    named = [("the module", tree), *public_definitions(tree)]
    if module.parent.name == "engines":  # what a profile's methods mean stands once, in `Profile`
        named = [(name, node) for name, node in named if "Profile." not in name or module.stem == "profile"]
    assert [name for name, node in named if not ast.get_docstring(node)] == []


def test_every_module_can_be_imported():
    """With all extras installed, each module of the package loads by itself."""
    names = [found.name for found in pkgutil.walk_packages(crmkit.__path__, "crmkit.") if "__main__" not in found.name]
    assert "crmkit.entities.accounts" in names
    for name in names:
        importlib.import_module(name)


def installed() -> list[Distribution]:
    """crmkit and what it needs, directly or not, with all its extras, as far as it is installed here."""
    by_name = {re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower(): found for found in distributions()}
    if "crmkit" not in by_name:
        if os.environ.get("CI"):
            pytest.fail("crmkit is to be installed with its extras")
        pytest.skip("crmkit is not installed as a distribution here")
    extras = distribution("crmkit").metadata.get_all("Provides-Extra") or []
    needed: dict[str, Distribution] = {}
    waiting = [("crmkit", frozenset(extras))]
    while waiting:
        name, asked = waiting.pop()
        found = by_name.get(name)
        if found is None or (name in needed and not asked):
            continue
        needed[name] = found
        for line in found.requires or ():
            requirement = Requirement(line)
            environments = [{"extra": extra} for extra in asked] or [{"extra": ""}]
            if requirement.marker is None or any(requirement.marker.evaluate(one) for one in environments):
                wanted = re.sub(r"[-_.]+", "-", requirement.name).lower()
                if wanted not in needed or requirement.extras - asked:
                    waiting.append((wanted, frozenset(requirement.extras) if wanted != "crmkit" else frozenset()))
    return list(needed.values())


def licence_of(found: Distribution) -> str:
    """What a distribution's metadata say of its licence; the long text only where nothing shorter is said."""
    metadata = found.metadata
    classified = [line for line in metadata.get_all("Classifier") or () if line.startswith("License ::")]
    said = [metadata["License-Expression"] or "", *classified]
    return " ".join(said) if any(said) else (metadata["License"] or "")[:200]


def test_licences_are_on_the_list():
    """What is installed with crmkit is under a permissive licence; copyleft ones are named here one by one."""
    refused = []
    for found in installed():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        licence = licence_of(found)
        if COPYLEFT.search(licence):
            if KNOWN_COPYLEFT.get(name, "no licence") not in licence.replace("Mozilla Public License", "MPL"):
                refused.append((name, licence))
        elif not FREE_LICENCES.search(licence):
            refused.append((name, licence))
    assert refused == []


def test_no_file_names_a_machine():
    """No file of the project holds a path of somebody's machine or the address of a package index."""
    found = []
    for file in files_of_the_project():
        if file == Path(__file__).resolve() or not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {match.group()}" for match in MACHINE.finditer(text)]
    assert found == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)
def test_every_entity_is_frozen_slotted_and_keyword_only(entity):
    """An entity's fields cannot be set, it takes no other attributes, and its values are given by name."""
    assert all(field.kw_only for field in attrs.fields(entity))
    sample = sample_of(entity)
    assert not hasattr(sample, "__dict__")
    for name in (*entity.spec.by_name, "something_else"):
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(sample, name, None)
    with pytest.raises(TypeError):
        entity("a value without a name")


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)
def test_every_entity_is_hashable_and_equal_by_all_fields(entity):
    """Two records of the same values are equal and have one hash; a copy is too; with another value they differ."""
    one, same = sample_of(entity), sample_of(entity)
    assert one is not same
    assert (one, hash(one)) == (same, hash(same))
    assert (copy.copy(one), pickle.loads(pickle.dumps(one))) == (one, one)  # noqa: S301 - our own bytes
    assert attrs.evolve(one, version=one.version + 1) != one


SAMPLES = {
    "id": UUID("01935a10-1111-7000-8000-0000aaaa0001"),
    "text": "EUR",
    "whole": 1,
    "money": Money(1, "EUR"),
    "decimal": 1,
    "day": date(2026, 11, 2),
    "phone": "+34 600 000 000",
    "email": "ana@example.com",
    "address": Address(city="Bilbao"),
}
BETWEEN_FIELDS: dict[type[Record], dict[str, Any]] = {
    ExchangeRate: {"to_currency": "USD"},
    ForecastAdjustment: {"amount": Money(1, "EUR")},
    SalesContact: {"family_name": "Ríos"},
}
"""What an entity asks for beyond its required fields."""


def sample_of(entity: type[Record]) -> Record:
    """A record with a value in every required field, and data of the host's own."""
    given: dict[str, Any] = {"custom": FrozenMap({"a": ("b", FrozenMap({"c": 1}))}), **BETWEEN_FIELDS.get(entity, {})}
    for field in entity.spec.fields:
        if field.default is REQUIRED and field.name not in given:
            choice = field.fact(OneOf)
            given[field.name] = choice.values[0] if choice else SAMPLES[field.shape]
    return entity(**given)
