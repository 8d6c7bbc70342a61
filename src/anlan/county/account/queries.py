"""Questions of accountability: is nobody missed, who is late, how did the plan do, does it grow beyond single homes?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from anlan.county.account import balance, hindsight
from anlan.county.account.balance import Coverage, Standing
from anlan.county.account.models import Hindsight, Proof, ProofLine, Report
from anlan.county.account.rules import DISPOSED, OPEN, UNACCOUNTED
from anlan.county.assist.models import Measure
from anlan.county.clear.models import Check, Clearance
from anlan.county.decide.models import Case, Episode, Step
from anlan.county.discover.models import Lead, Source
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Clock, Department, Division, Scoped, User
from anlan.county.office.queries import breached
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.warn.queries import tally
from anlan.engine.values.divisions import significant

LINE = ("code", "division_id", "where", "since", "unit", "why", "due")  # a Standing, as a proof keeps it
LISTED = 200  # households shown on one page
TOTALS = ("planned", "delivered", "receipted", "yuan")


def coverage(event: Event) -> Coverage:
    """The closed balance of an event: exposed = disposed + open + unaccounted."""
    return balance.coverage(balance.standing(event))


@dataclass(frozen=True, slots=True)
class Changed:
    """What is otherwise than in a signed balance: households that came in, lost their disposition, got one."""

    added: Sequence[Standing]
    opened: Sequence[Standing]
    disposed: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance, and as far as one person may see them the households, those that stand nowhere or are open first.

    Beside it the balance as it was signed last, and what is otherwise since; None where it never was.
    """

    coverage: Coverage
    listed: Sequence[Standing]
    last: Proof | None
    changed: Changed | None

    @property
    def open(self) -> list[Standing]:
        """Those still open."""
        return [each for each in self.listed if each.where in OPEN]

    @property
    def unaccounted(self) -> list[Standing]:
        """Those that stand nowhere."""
        return [each for each in self.listed if each.where == UNACCOUNTED]


def balanced(event: Event, user: User) -> Balance:
    """An event's balance, with the households within this person's divisions."""
    positions, last = balance.positions(event), last_proof(event)
    found = [each for each, _raw in positions.values()]
    return Balance(balance.coverage(found), mine(found, user), last, changed(positions, last) if last else None)


def mine(found: Iterable[Standing], user: User) -> list[Standing]:
    """The households within a person's divisions: those that stand nowhere, then the open ones, the next due first."""
    scopes = tuple(significant(scope) for scope in user.scopes())
    return sorted((each for each in found if each.division.startswith(scopes)), key=_order)


def _order(each: Standing) -> tuple[Any, ...]:
    due = each.due.timestamp() if each.due else 0.0
    return (each.where != UNACCOUNTED, each.where in DISPOSED, 0.0 if each.where in DISPOSED else due, each.code)


@dataclass(frozen=True, slots=True)
class Tally:
    """How the households of a division stand."""

    code: str
    name: str
    exposed: int
    disposed: int
    open: int
    unaccounted: int


def tallies(listed: Iterable[Standing], digits: int) -> list[Tally]:
    """Households by townships (9 digits) or by villages (12), those with somebody left first."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in listed:
        groups[each.division[:digits].ljust(12, "0")].append(each.where)
    names = dict(Division.objects.filter(code__in=list(groups)).values_list("code", "name"))
    found = [
        Tally(code, names.get(code, code), len(held), sum(each in DISPOSED for each in held),
              sum(each in OPEN for each in held), held.count(UNACCOUNTED))
        for code, held in groups.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (-each.unaccounted, -each.open, each.code))


def named(listed: Sequence[Standing]) -> list[tuple[Standing, str, str]]:
    """The first of these households, each with its head's name and its village."""
    first = listed[:LISTED]
    rows = Household.every.filter(code__in=[each.code for each in first])
    names = {code: (name, village) for code, name, village in rows.values_list("code", "head_name", "division__name")}
    return [(each, *names[each.code]) for each in first]


# --- signed balances -----------------------------------------------------------------------------------
def last_proof(event: Event) -> Proof | None:
    """The balance of an event as it was signed last."""
    return Proof.objects.filter(event=event).select_related("event", "by", "previous").first()


def proof(sha: str) -> QuerySet[Proof]:
    """A signed balance by its hash; the latest where it was the same twice."""
    return Proof.objects.filter(sha=sha).select_related("event", "by", "previous", "next")


def lines_of(proof: Proof) -> list[Standing]:
    """A signed balance's lines, as they were."""
    return [Standing(*row) for row in ProofLine.objects.filter(proof=proof).order_by("code").values_list(*LINE)]


def added_by(proof: Proof, user: User) -> list[Standing]:
    """The households a signed balance has and the one before it had not, within a person's divisions."""
    rows = ProofLine.objects.visible_to(user).filter(proof=proof, added=True).order_by("code")
    return [Standing(*row) for row in rows.values_list(*LINE)]


def balance_of(proof: Proof) -> Coverage:
    """The sum that was signed."""
    return Coverage(proof.exposed, proof.disposed, proof.open, 0, proof.sha)


def changed(found: Mapping[int, tuple[Standing, str]], since: Proof) -> Changed:
    """Hold an event's households as they stand (`balance.positions`) against a signed balance."""
    before = dict(ProofLine.objects.filter(proof=since).values_list("household_id", "where"))
    was = {key: before.get(key, "") in DISPOSED for key in found}
    return Changed(
        [each for key, (each, _raw) in found.items() if key not in before],
        [each for key, (each, _raw) in found.items() if key in before and was[key] and each.where not in DISPOSED],
        [each for key, (each, _raw) in found.items() if key in before and not was[key] and each.where in DISPOSED],
    )


def parts(covered: Coverage) -> list[tuple[str, int]]:
    """The balance's terms with their words, in the order of precedence."""
    counted = {**covered.disposed, **covered.open}
    return [(str(title), counted[key]) for key, title in {**DISPOSED, **OPEN}.items() if key in counted]


def breaches(event_code: str | None, now: datetime) -> dict[str, Any]:
    """Clocks broken by a moment, for one event or all: how many, by unit and by kind."""
    broken = Clock.objects.filter(breached(now))
    if event_code is not None:
        broken = broken.filter(event_code=event_code)
    rows = broken.values_list("unit", "kind").annotate(number=Count("id")).order_by("unit", "kind")
    by_unit: dict[str, int] = {}
    by_kind: dict[str, int] = {}
    for unit, kind, number in rows:
        by_unit[unit] = by_unit.get(unit, 0) + number
        by_kind[kind] = by_kind.get(kind, 0) + number
    return {"breaches": sum(by_unit.values()), "by_unit": by_unit, "by_kind": by_kind}


def late(user: User, now: datetime) -> Scoped[Clock]:
    """Running clocks past their due moment in this person's divisions, the longest overdue first."""
    return (
        Clock.objects.visible_to(user)
        .filter(stopped_at__isnull=True, lower=False, due_at__lt=now)
        .select_related("division")
        .order_by("due_at", "kind", "about")
    )


def late_by_unit(user: User, now: datetime) -> list[Any]:
    """How many clocks each unit of each division lets run over, the most first."""
    counted = late(user, now).order_by().values("unit", "division_id", "division__name")
    return list(counted.annotate(number=Count("id")).order_by("-number", "division_id", "unit"))


def after_action(event: Event, now: datetime) -> dict[str, Any]:
    """Everything there is to say about how an event was dealt with, as one document."""
    covered = coverage(event)
    verdict = verify()
    broken = breaches(event.code, now)
    names = {key: name for key, name in unit_names().items() if key in broken["by_unit"]}
    return {
        "event": {
            "code": event.code, "title": event.title, "hazard": event.hazard, "level": event.level,
            "issued_at": timezone.localtime(event.issued_at).isoformat(), "exercise": event.exercise,
            "at": now.isoformat(),
        },
        "exposed": covered.exposed,
        "warning": tally(event),
        "discovery": _discovery(event),
        "hindsight": hindsight.compare(event),
        "decisions": _decisions(event),
        "assistance": _assistance(event),
        "clearance": _clearance(event),
        "coverage": asdict(covered),
        "clocks": {**broken, "names": names},
        "ledger": {"entries": verdict.entries, "verified": verdict.verified},
    }  # fmt: skip


def _discovery(event: Event) -> dict[str, Any]:
    leads = Lead.objects.filter(event=event).count()
    sources = Source.objects.filter(lead__event=event).order_by()
    doors = sources.values_list("door").annotate(number=Count("id")).order_by("door")
    return {"leads": leads, "by_door": dict(doors), "merged": sources.count() - leads}


def _decisions(event: Event) -> dict[str, Any]:
    states = dict(Case.objects.filter(event=event).values_list("state").annotate(number=Count("id")).order_by())
    entered, rejected = states.pop("entered", 0), states.pop("not_confirmed", 0)
    categories = Case.objects.filter(event=event, state="entered").order_by().values_list("category")
    against = Step.objects.filter(case__event=event, against=True).order_by().values("case").distinct().count()
    return {
        "monitored": entered, "rejected": rejected, "open": sum(states.values()), "against": against,
        "by_category": dict(categories.annotate(number=Count("id")).order_by("category")),
    }  # fmt: skip


def _assistance(event: Event) -> dict[str, Any]:
    kinds: Iterable[Any] = (
        Measure.objects.filter(event=event)
        .exclude(state="stopped")
        .order_by()
        .values("kind")
        .annotate(
            planned=Count("id"),
            delivered=Count("id", filter=Q(delivered_at__isnull=False)),
            receipted=Count("id", filter=Q(receipted_at__isnull=False)),
            yuan=Sum("delivered_yuan"),
        )
        .order_by("kind")
    )
    by_kind = {row["kind"]: {key: row[key] for key in TOTALS} for row in kinds}
    totals = {key: sum(row[key] for row in by_kind.values()) for key in TOTALS}
    return {**totals, "by_kind": by_kind}


def _clearance(event: Event) -> dict[str, Any]:
    episodes = Episode.objects.filter(case__event=event)
    return {
        **episodes.aggregate(
            open=Count("id", filter=Q(cleared_at__isnull=True)),
            cleared=Count("id", filter=Q(cleared_at__isnull=False)),
        ),
        "checks": Check.objects.filter(episode__case__event=event).count(),
        "in_progress": Clearance.objects.filter(episode__case__event=event, closed_at__isnull=True).count(),
        "refused": Clearance.objects.filter(episode__case__event=event, state="refused").count(),
    }


def reports(event: Event | None = None) -> QuerySet[Report]:
    """The reports given out, the latest first."""
    found = Report.objects.select_related("event")
    return found.filter(event=event) if event else found


def last_hindsight(event: Event) -> Hindsight | None:
    """The last time that what was foreseen was held against what was found."""
    return Hindsight.objects.filter(event=event).select_related("run").order_by("-made_at", "-id").first()


def lines(subject: str) -> QuerySet[Entry]:
    """The ledger's lines on a subject, latest first, each with the `name` of whoever it was.

    Where the subject ends in *: on all whose name begins with it.
    """
    named = Subquery(User.objects.filter(username=OuterRef("by")).values("name")[:1])
    every = Entry.objects.annotate(name=named).order_by("-seq")
    if subject.endswith("*"):
        return every.filter(about__startswith=subject[:-1])
    return every.filter(about=subject) if subject else every


def homes(abouts: Iterable[str], user: User) -> dict[str, str]:
    """The households that these lines speak of and this person may open: the head's name by code."""
    codes = {part for about in abouts for part in about.partition(":")[2].split("/")}
    return dict(Household.objects.visible_to(user).filter(code__in=codes).values_list("code", "head_name"))


def names() -> dict[str, str]:
    """What departments, divisions and events are called, by the codes under which the ledger knows them."""
    divisions = dict(Division.objects.values_list("code", "name"))
    return {**unit_names(), **divisions, **dict(Event.objects.values_list("code", "title"))}


def unit_names() -> dict[str, str]:
    """The names of departments by key, for clocks they own."""
    return dict(Department.objects.values_list("key", "name"))
