"""Draws the pictures of docs/charts.md: the charts that the notebook of the examples shows, cell by cell."""

import ast
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "examples" / "forecasting.ipynb"
FOLDER = ROOT / "docs" / "pictures"
NAMES = (
    "forecast-against-quota",
    "categories-against-quota",
    "waterfall",
    "trend",
    "distribution",
    "funnel",
    "time-in-stage",
)
"""What the charts of the notebook are called, one after another."""


def cells() -> list[dict[str, Any]]:
    """The cells of the notebook."""
    held: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return held


def shown() -> list[Any]:
    """What the cells show, run from top to bottom: the value of each one's last line that is an expression."""
    names: dict[str, Any] = {"__name__": "notebook"}
    values = [_run("".join(cell["source"]), names) for cell in cells() if cell["cell_type"] == "code"]
    return [value for value in values if value is not None]


def _run(source: str, names: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "a cell", "exec"), names)  # noqa: S102 - our own notebook
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "a cell", "eval"), names)  # noqa: S307 - our own notebook


def charts() -> dict[str, Any]:
    """The charts that the notebook shows, by their names."""
    return dict(zip(NAMES, (value for value in shown() if hasattr(value, "_repr_png_")), strict=True))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, chart in charts().items():
        file = FOLDER / f"{name}.png"
        chart.savefig(file, dpi=80, pil_kwargs={"optimize": True})
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")
