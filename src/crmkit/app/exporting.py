"""All of a tenant as Parquet files, with its history or as it stands: from a CRM, or from a view of the past."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.entities import Spec
from crmkit.errors import Fault, Invalid, StoreError
from crmkit.queries import Query
from crmkit.repositories.store import Past, Telling

if TYPE_CHECKING:
    from crmkit.app.crm import Crm
    from crmkit.stores.parquet.folder import Exported

__all__ = ["to_parquet"]


def to_parquet(crm: "Crm", folder: "str | PathLike[str]", *, history: bool) -> "Exported":
    """See `Crm.to_parquet`."""
    from crmkit.stores.parquet.folder import Exported, write  # noqa: PLC0415 - loaded on use

    given: Any = folder
    if not isinstance(given, str | PathLike) or not str(given):
        raise Invalid("the export", [Fault("folder", f"is a path of a folder, not {given!r}")])
    with crm.begin(read_only=True) as work:
        unit = work.unit
        if history and not isinstance(unit, Telling):
            said = "cannot tell whole histories: export what stands, with history=False"
            raise StoreError(f"{type(unit).__name__} {said}")

        def states_of(spec: Spec) -> Iterator[Past[Any]]:
            if history and isinstance(unit, Telling):
                return unit.states(spec.cls)
            return (Past(record, None) for record in unit.stream(Query(kind=spec.cls)))

        held = Exported(tenant=crm.settings.tenant, taken_at=crm.now(), settled=crm.settled(), history=history)
        return write(Path(given), crm.registry, held, states_of)
