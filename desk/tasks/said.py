"""Everything that one message says, read against what the task knows."""

import re
from dataclasses import dataclass

from desk.clock import now
from desk.contacts import Contact, ContactProblem
from desk.hours import Week
from desk.postcodes import nearest
from desk.references import reference_in
from desk.tasks import hearing
from desk.tasks.names import contacts_in, said_name, without_contacts
from desk.tasks.task import Heard, Task
from desk.tasks.world import World
from desk.when import Wanted, read_when


@dataclass(frozen=True)
class Said:
    """What a message says. `name` is the speaker's unless `name_of_other`; `rest` are its words without names, contacts, places and times."""

    topic: str = ""
    kinds: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    anywhere: bool = False
    when: Wanted | None = None
    by_weekday: bool = False
    languages: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    name: str = ""
    name_of_other: bool = False
    contacts: tuple[Contact | ContactProblem, ...] = ()
    relation: str | None = None
    age: int | None = None
    group: bool = False
    pair: bool = False
    need: str = ""
    reference: str | None = None
    rest: str = ""

    @property
    def tells_of_people(self) -> bool:
        return bool(self.name or self.contacts or self.relation is not None or self.age is not None)


def listen(task: Task, heard: Heard, world: World) -> Said:
    """Return what a message says. A name is taken out first: "May Friday" is no day, "Victoria Wood" no library."""
    text = heard.text
    if not text:
        return Said()
    named = said_name(text, lambda name: bool(hearing.libraries_in(name, world.desk.libraries)) and not _is_person(name))
    name, of_other = named or ("", False)
    contacts = tuple(contacts_in(text))
    plain = without_contacts(text.replace(name, " ") if name else text)
    libraries = hearing.libraries_in(plain, world.desk.libraries)
    reference = reference_in(text)
    when = read_when(plain, now(), _week(libraries or task.wish.libraries, world))
    about = hearing.without_times(hearing.without_libraries(plain, world.desk.libraries))
    return Said(
        topic=world.subjects_in(about),
        kinds=hearing.kinds_in(plain),
        libraries=libraries,
        near=_near(plain, world),
        anywhere=hearing.any_library(plain),
        when=when,
        by_weekday=when is not None and when.day is not None and hearing.names_weekday_only(plain),
        languages=hearing.languages_in(plain),
        access=hearing.access_in(plain),
        name=name,
        name_of_other=of_other,
        contacts=contacts,
        relation=hearing.relation_in(text),
        age=hearing.age_in(plain),
        group=hearing.is_group(text),
        pair=hearing.is_pair(text),
        need=", ".join(
            filter(None, (hearing.need_in(part) for part in _parts(plain) if not hearing.is_question(part) or hearing.languages_in(part)))
        ),
        reference=reference,
        rest=" ".join(about.split()),
    )


def _parts(text: str) -> list[str]:
    """Return the parts of a message that may each be a statement of its own."""
    return [part.strip(" .!") for part in re.split(r"[,;.!]\s+|\s+(?:and|but) (?=i\b|my\b|she\b|he\b|is\b)", text, flags=re.IGNORECASE)]


def _is_person(name: str) -> bool:
    """Two words that are not a library's whole name are a person's: "Victoria Wood"."""
    return len(name.split()) > 1 and "library" not in name.casefold() and "store" not in name.casefold()


def _near(text: str, world: World) -> tuple[str, ...]:
    """Return the slugs of the libraries, those nearest to a postcode in the text first."""
    district = hearing.postcode_district(text)
    return tuple(library.slug for library in nearest(district, world.desk.libraries, most=10)) if district else ()


def _week(libraries: tuple[str, ...], world: World) -> Week | None:
    library = world.library(libraries[0]) if libraries else None
    return library.week if library else None
