"""The demonstration from its beginning to its end."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from crmkit.app.connecting import connect
from crmkit.demo import closing, figures, selling
from crmkit.demo.story import Clock, Story
from crmkit.demo.telling import heading, say
from crmkit.errors import Fault, Invalid, MissingExtra
from crmkit.exchange.address_book import FileAddressBook

__all__ = ["STEPS", "run_demo"]

_CONTACTS: Final = "crmkit-demo.vcf"
_WORKBOOK: Final = "crmkit-demo.xlsx"
_FIRST_BYTES: Final = b"SQLite format 3\x00"

STEPS: Final[tuple[Callable[[Story], None], ...]] = (
    selling.organise,
    selling.announce,
    selling.meet,
    selling.record_interest,
    selling.promote,
    selling.work_on_it,
    selling.talk,
    closing.estimate,
    closing.convert,
    closing.order,
    figures.plan_year,
    figures.forecast,
    figures.roll_up,
    figures.measure_campaign,
    figures.sweep,
    figures.look_back,
)
"""The process of a sale, a step each."""


def run_demo(store: str, *, again: bool = False, language: str = "en", out: Path | None = None) -> int:
    """Walk the whole process on that store and say what happens; 0 when it all went well.

    Contacts and workbook go to the folder `out`, by default beside the store's file, else to the current folder.
    `language` (en, es) is that of code tables and workbook. Raises Invalid where a file is there already, unless
    those of an earlier run may be replaced (`again`); and whatever a step raises.
    """
    file = _file_of(store)
    folder = out or (file.parent if file else Path())
    folder.mkdir(parents=True, exist_ok=True)
    _make_room(file, [folder / _CONTACTS, folder / _WORKBOOK], again=again)
    clock = Clock()
    with connect(store, clock=clock, starter=language, user="eva") as crm:
        story = Story(crm, clock, folder)
        for step in STEPS:
            step(story)
        _hand_out(story, language)
    if file:
        say(f"\nDone. The records are in {file}: look at them with crmkit.connect({store!r}).")
    else:
        say("\nDone.")
    return 0


def _file_of(store: str) -> Path | None:
    """The file of an SQLite URL."""
    scheme, _, rest = store.partition(":///")
    name = rest.partition("?")[0]
    if scheme.lower().partition("+")[0] != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


def _make_room(store: Path | None, beside: list[Path], *, again: bool) -> None:
    present = [file for file in ([store] if store else []) + beside if file.exists()]
    if present and not again:
        names = ", ".join(map(str, present))
        raise Invalid("the demonstration", [Fault("files", f"{names}: there already; --again replaces them")])
    if store and store.exists():
        with store.open("rb") as opened:
            start = opened.read(len(_FIRST_BYTES))
        if start not in (_FIRST_BYTES, b""):
            raise Invalid("the demonstration", [Fault("store", f"{store} is no SQLite file: it is not replaced")])
        present += [store.with_name(store.name + end) for end in ("-wal", "-shm")]
    for file in present:
        file.unlink(missing_ok=True)


def _hand_out(story: Story, language: str) -> None:
    """Contacts as vCards, everything as a workbook."""
    heading("Contacts and workbook")
    contacts = story.out / _CONTACTS
    written = story.crm.sales_contacts.export_to(FileAddressBook(contacts))
    say(f"{len(written)} sales contacts: {contacts}")
    workbook = story.out / _WORKBOOK
    try:
        story.crm.to_excel(workbook, language=language)
    except MissingExtra as missing:
        say(f"No workbook: {missing}")
    else:
        say(f"Every record, a sheet a kind: {workbook}")
