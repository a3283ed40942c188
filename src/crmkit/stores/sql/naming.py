"""What tables are called in a database that others may use too."""

import attrs

from crmkit.errors import Fault, Invalid

__all__ = ["Naming"]


def _plain(_: object, field: "attrs.Attribute[str]", value: str) -> None:
    if value and not (value.isascii() and value.replace("_", "a").isalnum() and len(value) <= 20):
        said = "has at most 20 ASCII letters, digits and underscores"
        raise Invalid("the store's settings", [Fault(field.name, f"{said}, not {value!r}")])


@attrs.frozen
class Naming:
    """The prefix of all tables, keys and indexes, and the schema (on MariaDB, the database) that they are in; the
    connection's own where it is left out. Raises Invalid on names that would need quotes.
    """

    prefix: str = attrs.field(default="", validator=_plain)
    schema: str = attrs.field(default="", validator=_plain)

    def quoted(self, table: str) -> str:
        """The name of a table in a statement, in `"`."""
        name = f'"{self.prefix}{table}"'
        return f'"{self.schema}".{name}' if self.schema else name

    def key(self, table: str) -> str:
        """What SQLAlchemy's MetaData knows the table by."""
        name = self.prefix + table
        return f"{self.schema}.{name}" if self.schema else name
