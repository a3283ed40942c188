"""What a caller asks for, who wants a conversion to open an opportunity too."""

from datetime import date
from uuid import UUID

import attrs

from crmkit.entities import Opportunity

__all__ = ["Opening"]


@attrs.frozen(kw_only=True)
class Opening:
    """An opportunity to be opened: from a `lead` (its id, or the text of it) or `fresh`, as it is given.

    `projected_close` is the day that the call gives it, which wins over the opportunity's and the policy's.
    """

    lead: UUID | str | None = None
    fresh: Opportunity | None = None
    projected_close: date | None = None
