"""Where the examples stand, how one is loaded, and how a package among them is installed beside crmkit."""

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session")
def example() -> Callable[[str], ModuleType]:
    """Loads an example that is one module, by its name."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Installs example packages into a virtual environment that sees this one's packages; returns its Python."""

    def install(*packages: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        venv.create(folder / "venv", symlinks=os.name != "nt")
        python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        (site,) = (folder / "venv").rglob("site-packages")
        (site / "beside.pth").write_text("\n".join(path for path in sys.path if path and Path(path).is_dir()))
        for package in packages:
            quietly = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
            command = [sys.executable, "-m", "pip", "--python", str(python), "install", *quietly]
            _run(*command, str(_copied(EXAMPLES / package, folder / package)))
        return python

    return install


def _copied(source: Path, target: Path) -> Path:
    """A copy, so that building leaves nothing in the project."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "dist"))
    return target


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Runs a command that must succeed; returns what it printed."""
    return _run
