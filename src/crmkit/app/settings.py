"""What is handed to `connect`: everything that is unusable is found at once, before a store is opened."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from crmkit.entities import CodeValue, Record, Registry
from crmkit.entities.money import CURRENCIES
from crmkit.errors import Fault
from crmkit.policy import Policy
from crmkit.rules import Rule

__all__ = ["once_over", "unknown_numbering", "unusable", "unusable_calls", "unusable_entities", "unusable_rules"]


def once_over(given: Any) -> Any:
    """What can be iterated over only once, as a tuple; anything else as it is."""
    return tuple(given) if isinstance(given, Iterator) else given


def unusable(*, tenant: Any, currency: Any, time_zone: Any) -> Iterator[Fault]:
    """What is wrong with the texts."""
    if not isinstance(tenant, str) or not tenant or len(tenant) > 60 or not tenant.isprintable():
        yield Fault("tenant", "is a text of 1 to 60 printable characters")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        yield Fault("currency", f"{currency!r} is no ISO 4217 currency code, such as EUR or USD")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        yield Fault("time_zone", f"{time_zone!r} is no time zone, such as Europe/Madrid")


def unusable_calls(**calls: Any) -> Iterator[Fault]:
    """What is wrong with the functions; None stands for crmkit's own."""
    for name, call in calls.items():
        if call is not None and not callable(call):
            yield Fault(name, f"is called without arguments for each new one, which {call!r} cannot be")


def unusable_rules(policy: Any, licences: Any, rules: Any) -> Iterator[Fault]:
    """What is wrong with what the host decides."""
    if policy is not None and not isinstance(policy, Policy):
        yield Fault("policy", f"is a crmkit.Policy, not {type(policy).__name__}: Policy(tasks_block_won=True)")
    if licences is not None and not isinstance(licences, Mapping) and not callable(licences):
        said = "is a mapping of users to their licence modules, or a function of the user"
        yield Fault("licences", f"{said}, not {type(licences).__name__}")
    yield from _all("rules", rules, lambda one: isinstance(one, Rule), "crmkit.Rule")


def unusable_entities(entities: Any, numbering: Any, starter: Any) -> Iterator[Fault]:
    """What is wrong with what the host adds to the records."""
    yield from _all("entities", entities, _is_entity, "subclasses of crmkit.Record")
    if numbering is not None and not isinstance(numbering, Mapping):
        yield Fault("numbering", "is a mapping of repositories to prefix and digits, such as {'leads': ('L', 5)}")
    if starter is not None and not isinstance(starter, str):
        yield from _all("starter", starter, lambda one: isinstance(one, CodeValue), "values of code tables")


def _is_entity(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, Record)


def _all(name: str, given: Any, is_one: Any, said: str) -> Iterator[Fault]:
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        yield Fault(name, f"is a list of {said}, not {given!r}")
    else:
        yield from (Fault(name, f"holds {said}, not {one!r}") for one in given if not is_one(one))


def unknown_numbering(registry: Registry) -> Iterator[Fault]:
    """What the numbering says of repositories whose records have no numbers, or what can be no number."""
    numbered = [spec.about.plural for spec in registry.specs if spec.number is not None and spec.number.numbered]
    for plural, said in registry.numbering.items():
        if plural not in numbered:
            yield Fault("numbering", f"{plural!r} has no numbers; those that have are {', '.join(numbered)}")
        elif not _is_numbering(said):
            yield Fault("numbering", f"{plural}: is a prefix and a number of digits, such as ('L', 5), not {said!r}")


def _is_numbering(said: Any) -> bool:
    if not isinstance(said, tuple | list) or len(said) != 2:
        return False
    prefix, digits = said
    return isinstance(prefix, str) and isinstance(digits, int) and not isinstance(digits, bool) and digits >= 0
