"""Where a department's latest list says otherwise than the register: somebody must find out which is right.

No threshold is asked: what a list says of a person's life, insurance, disability, house or village either is what the
register has, or it is not. Of a disability the register knows only that there is one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from anlan.county.discover.comparison.queries import Said
from anlan.county.discover.comparison.sources import sources
from anlan.county.discover.models import Statement
from anlan.county.office.models import User

_COLUMNS = (
    "topic", "source", "value", "said_on", "person__name", "household__code", "household__division__name",
    "person__gone", "person__medically_insured", "person__health", "household__home__grade", "household__division_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A person of whom the register and a list say different things on a topic."""

    name: str
    household: str
    division: str
    topic: str
    registered: str
    said: Said


def against_register(user: User, people: Iterable[int] | None = None, of: str = "") -> list[Contradiction]:
    """What latest lists say otherwise than the register, within this person's divisions (of these people; `of` a
    source alone).
    """
    rows = Statement.objects.visible_to(user).filter(person__isnull=False, source__in=[of] if of else list(sources()))
    rows = rows if people is None else rows.filter(person_id__among=sorted(set(people)))
    found = []
    for row in rows.order_by("household__code", "person_id", "topic", "source").values_list(*_COLUMNS):
        topic, source, value, on, name, household, division, *facts = row
        word = registered(topic, *facts)
        if word and word != value:
            found.append(Contradiction(name, household, division, topic, word, Said(sources()[source], value, on)))
    return found


def registered(topic: str, gone: str, insured: bool, health: str, grade: str | None, village: str) -> str:
    """The register's word on a topic, in the words of lists; nothing where it has none."""
    return {
        "alive": {"": "yes", "died": "no"}.get(gone, ""),
        "insured": "yes" if insured else "no",
        "disability": "none" if health == "healthy" else "",
        "grade": grade or "",
        "village": village,
    }[topic]
