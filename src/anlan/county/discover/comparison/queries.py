"""Questions about departments' lists: what came and what is late, who a row may be, where departments disagree."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from anlan.county.discover.comparison.linking import Known
from anlan.county.discover.comparison.sources import DataSource, sources
from anlan.county.discover.models import Batch, Link, ListRow, Pair, Review, Statement
from anlan.county.office.models import Department, Scoped, User
from anlan.engine import policy
from anlan.engine.policy import Parameter

CALENDAR_MONTHS = 6


def known(source: str) -> Known:
    """What people have said of earlier lists of a source."""
    pairs = list(Pair.objects.filter(source=source, person__isnull=False).values_list("key", "person_id", "same"))
    same = {key: person for key, person, is_same in pairs if is_same}
    return Known(same, frozenset((key, person) for key, person, is_same in pairs if not is_same))


def parameters(source: DataSource, on: date) -> list[Parameter]:
    """Every parameter of a source that has a value on a day: its days, its legal basis, its thresholds."""
    today = policy.on(on)
    signs = [key for sign in source.signs for key in (sign.key, sign.general) if key]
    shares = ["rural_income_yuan"] if any(sign.test == "share" for sign in source.signs) else []
    keys = dict.fromkeys([source.cadence, source.cadence_key, source.retention, *source.basis, *signs, *shares])
    return [today.parameter(key) for key in keys if key and key in today]


def basis(source: DataSource, on: date) -> str:
    """The legal basis of a source's comparison on a day, in words."""
    today = policy.on(on)
    return "；".join(today.text(key) for key in source.basis if key in today)


# --- the calendar ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Month:
    """A month of a source: the days lists came on, the day one was due, whether that passed without one."""

    month: date
    came: tuple[date, ...]
    due: date
    late: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """A source on the calendar: its months, the last list, when the next is due, how many days that is ago."""

    source: DataSource
    department: str
    cadence_days: int
    months: tuple[Month, ...]
    last: date | None
    due: date
    late_days: int

    @property
    def late(self) -> bool:
        """Whether the next list should have come by now."""
        return self.late_days > 0


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_end(month: date) -> date:
    """The last day of a month."""
    return first_of(month + timedelta(days=31)) - timedelta(days=1) if month.day == 1 else month_end(first_of(month))


def months_until(day: date, count: int = CALENDAR_MONTHS) -> list[date]:
    """The first days of the last months, this one last."""
    found = [first_of(day)]
    while len(found) < count:
        found.append(first_of(found[-1] - timedelta(days=1)))
    return found[::-1]


def calendar(user: User, on: date) -> list[Expected]:
    """Every source with what came and what is late, the latest first. Nothing was due before the first list of all."""
    came: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for source, month, at in Batch.objects.visible_to(user).values_list("source", "month", "received_at__date"):
        came[source].append((month, at))
    begun = min((month for each in came.values() for month, _at in each), default=first_of(on))
    names = dict(Department.objects.values_list("key", "name"))
    rows = [_expected(each, came[each.key], begun, names.get(each.department, ""), on) for each in sources().values()]
    return sorted(rows, key=lambda row: (-row.late_days, row.due, row.source.key))


def _expected(source: DataSource, came: list[tuple[date, date]], begun: date, name: str, on: date) -> Expected:
    cadence = cadence_days(source, on)
    last = max((at for _month, at in came), default=None)
    due = last + timedelta(days=cadence) if last else month_end(begun)
    months = tuple(_month(month, came, begun, cadence, on) for month in months_until(on))
    return Expected(source, name, cadence, months, last, due, max(0, (on - due).days))


def _month(month: date, came: list[tuple[date, date]], begun: date, cadence: int, on: date) -> Month:
    days = tuple(sorted({at for of, at in came if of == month}))
    due = month_end(month)
    # A list that comes every so many days speaks for the months it reaches into.
    covered = any(of <= due < of + timedelta(days=max(cadence, 31)) for of, _at in came)
    return Month(month, days, due, late=not covered and month >= begun and on > due)


def cadence_days(source: DataSource, on: date) -> int:
    """In how many days the next list is due: the shortest that the source's parameters say."""
    today = policy.on(on)
    return int(min(today.number(key) for key in (source.cadence, source.cadence_key) if key and key in today))


def late_lists(user: User, on: date) -> int:
    """How many lists of this person's departments are late; of all departments for whom belongs to none."""
    return sum(each.late and user.speaks_for(each.source.department) for each in calendar(user, on))


# --- lists, reviews, conflicts ------------------------------------------------------------------------
def batches(user: User) -> Scoped[Batch]:
    """Lists within this person's divisions and of their departments, the latest first."""
    found = Batch.objects.visible_to(user)
    own = user.departments()
    found = found.filter(department__in=own) if own else found
    return found.select_related("department", "event", "by").order_by("-received_at", "-pk")


def not_found(batch: Batch) -> QuerySet[ListRow]:
    """The rows of a list who are nobody in the register."""
    return batch.lines.filter(fate="not_found").order_by("number")


def queue(user: User) -> Scoped[Review]:
    """Pairs nobody has decided whose row is not linked, the most probable first; the unsure come last."""
    linked = Link.objects.filter(batch=OuterRef("batch_id"), number=OuterRef("number"))
    found = Review.objects.filter(~Exists(linked), person__isnull=False).visible_to(user)
    own = user.departments()
    found = found.filter(batch__department__in=own) if own else found
    open_ = found.filter(decision__in=("", "unsure")).select_related("batch", "household__division", "person")
    return open_.order_by("decision", "-probability", "batch_id", "number", "pk")


@dataclass(frozen=True, slots=True)
class Said:
    """A word on a topic: which source said it, when."""

    source: DataSource
    value: str
    on: date


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more departments that say different things of one person."""

    person: int
    name: str
    household: str
    division: str
    topic: str
    said: tuple[Said, ...]


def conflicts(user: User, people: Iterable[int] | None = None) -> list[Conflict]:
    """Where departments' latest lists contradict each other, within this person's divisions (of these people)."""
    rows = Statement.objects.visible_to(user).filter(person__isnull=False)
    rows = rows if people is None else rows.filter(person_id__among=sorted(set(people)))
    columns = ("person_id", "topic", "source", "value", "said_on", "person__name", "household__code",
               "household__division__name")  # fmt: skip
    together: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for row in rows.order_by("household__code", "person_id", "topic", "source").values_list(*columns):
        together[row[0], row[1]].append(row)
    return [
        Conflict(
            person, each[0][5], each[0][6], each[0][7], topic,
            tuple(Said(sources()[row[2]], row[3], row[4]) for row in each if row[2] in sources()),
        )
        for (person, topic), each in together.items()
        if len({row[3] for row in each}) > 1
    ]  # fmt: skip
