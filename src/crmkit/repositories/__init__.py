"""The ports between the domain and whatever keeps it, and what follows from them for every store."""

from crmkit.repositories.known import Known
from crmkit.repositories.store import Past, Reader, Store, StoreUnit

__all__ = ["Known", "Past", "Reader", "Store", "StoreUnit"]
