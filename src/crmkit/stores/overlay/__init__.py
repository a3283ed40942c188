"""A store over another one: what is changed stands above it, in memory, and nothing reaches what is below.

What is below is looked at as of one instant, so that it stays as it is however the store goes on, without a
transaction that would hold it: each question is a short unit of its own. A question about tables in which nothing was
changed is the store's own to answer, whole. Of the others, the store answers for its records as if nothing were
changed; those that were are taken out, and put in as they are imagined. Only where a criterion or a term looks at
changed records of *another* table are the store's records read, and judged one by one.
"""

from crmkit.stores.overlay.store import OverlayStore
from crmkit.stores.overlay.unit import OverlayUnit, later

__all__ = ["OverlayStore", "OverlayUnit", "later"]
