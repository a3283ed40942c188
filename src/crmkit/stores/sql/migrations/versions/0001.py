"""The first schema."""

from crmkit.stores.sql.migrations import spelt

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Every table, as first released: see the files beside this one."""
    spelt.run(revision)
