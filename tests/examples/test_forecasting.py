"""The notebook: its cells run from top to bottom, each shows what it is to show, and it is kept without outputs."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crmkit import Page
from crmkit.forecasting import Distribution, RollUp, Waterfall

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def notebook() -> ModuleType:
    """What draws the pictures of the documentation from the notebook."""
    spec = importlib.util.spec_from_file_location("write_charts", ROOT / "scripts" / "write_charts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shown(notebook) -> list[Any]:
    """What the cells show, one after another."""
    values: list[Any] = notebook.shown()
    return values


def test_the_notebook_draws_the_charts_of_the_documentation(shown, notebook):
    """Each is a picture, none says that there is nothing to show, and each is small and in its place on the page."""
    drawn = [value for value in shown if hasattr(value, "_repr_png_")]
    assert [figure.axes[0].axison for figure in drawn] == [True] * len(notebook.NAMES)
    assert [figure._repr_png_()[0][:4] for figure in drawn] == [b"\x89PNG"] * len(drawn)
    page = (ROOT / "docs" / "charts.md").read_text(encoding="utf-8")
    for name in notebook.NAMES:
        assert f"(pictures/{name}.png)" in page
        assert (notebook.FOLDER / f"{name}.png").stat().st_size < 40_000


def test_the_notebook_shows_tables(shown):
    """A page, the roll-up, the waterfall and the distribution, each with something in it."""
    tables = [value for value in shown if not hasattr(value, "_repr_png_")]
    assert [type(value) for value in tables] == [Page, RollUp, Waterfall, Distribution]
    assert [value._repr_html_().count("<tr>") > 2 for value in tables] == [True] * 4


def test_the_notebook_is_kept_without_outputs(notebook):
    """What a run leaves in it would be out of date with the next change."""
    assert [cell for cell in notebook.cells() if cell.get("outputs") or cell.get("execution_count")] == []
