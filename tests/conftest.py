"""What all tests share: how Hypothesis runs, and where the real data is."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("local", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real inputs; without it the test is skipped, or fails where CI=true."""
    folder = Path(os.environ.get("CRMKIT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        said = f"no real data in {folder}: set CRMKIT_TEST_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return folder
