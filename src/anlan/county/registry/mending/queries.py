"""What has to be mended, what has changed since the rules were last asked."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from anlan.county import clock
from anlan.county.office.models import Clock, Scoped, User
from anlan.county.registry import quality
from anlan.county.registry.batches import Change
from anlan.county.registry.mendings import Judging, Mending
from anlan.county.registry.models import Household
from anlan.engine.quality import RULES, Rule

Broken = tuple[str, str]  # a household's code, a rule's key
KIND = "mending"
VILLAGE = 12  # digits of a household's code
EVERY = 10**9
MANY = 5_000  # so many changed households are judged with all others


@dataclass(frozen=True, slots=True)
class Standing:
    """A mending that has not ended."""

    pk: int
    number: int
    checked: bool


def tasks(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Of these rules, those whose breach somebody has to mend; a note is only told."""
    return tuple(rule for rule in rules if rule.severity != "note")


def broken(
    households: Scoped[Household], on: date, rules: Sequence[Rule], *, whole: bool, facts: quality.Facts | None
) -> tuple[int, Counter[Broken]]:
    """How many households were judged, and how often each breaks which rule."""
    told = quality.check(households, on, rules, whole=whole, first=EVERY, facts=facts)
    return told.households, Counter((each.household, each.rule) for each in told.examples)


def standing(codes: Collection[str] | None, rules: Sequence[Rule]) -> dict[Broken, Standing]:
    """The mendings of these rules that have not ended, of some households or of all; those that are gone among them."""
    found = Mending.objects.filter(ended_at__isnull=True, rule__in=[rule.key for rule in rules])
    if codes is not None:
        found = found.filter(household__code__among=list(codes))
    rows = found.order_by("id").values_list("household__code", "rule", "id", "number", "checked_at")
    return {(code, rule): Standing(pk, number, at is not None) for code, rule, pk, number, at in rows}


def ids(codes: Collection[str]) -> dict[str, int]:
    """Households' ids by their codes."""
    return dict(Household.every.filter(code__among=list(codes)).order_by().values_list("code", "id"))


@dataclass(frozen=True, slots=True)
class Pressing:
    """A village in which something has to be mended: since when, and by when the first of it."""

    village: str
    since: datetime
    due: datetime


def pressing(villages: Collection[str]) -> list[Pressing]:
    """Of these villages, those in which something has to be mended, in their order."""
    village = Substr("household__code", 1, VILLAGE)
    found = Mending.objects.filter(ended_at__isnull=True, checked_at__isnull=True).annotate(village=village)
    rows = found.filter(village__in=list(villages)).order_by().values_list("village")
    return [Pressing(*row) for row in rows.annotate(Min("opened_at"), Min("due_at")).order_by("village")]


def watched() -> set[str]:
    """The villages whose clock runs."""
    running = Clock.objects.filter(kind=KIND, stopped_at__isnull=True)
    return set(running.values_list("division_id", flat=True))


def last_change() -> int:
    """The last change that was written down, by its id; 0 where there is none."""
    return Change.objects.aggregate(Max("id"))["id__max"] or 0


def last() -> Judging | None:
    """When the rules were asked last."""
    return Judging.objects.order_by("-id").first()


def due_whole() -> bool:
    """Whether the whole register has still to be judged today."""
    whole = Judging.objects.filter(whole=True).order_by("-id").first()
    return whole is None or timezone.localtime(whole.at).date() < clock.today()


def changed() -> set[str]:
    """The households that changed since the rules were last asked, and those said to share something with others."""
    seen = last()
    codes = set(Change.objects.filter(id__gt=seen.upto if seen else 0).order_by().values_list("code", flat=True))
    if not codes:
        return codes
    shared = [rule.key for rule in RULES.values() if rule.looks_at == "register"]
    held = Mending.objects.filter(ended_at__isnull=True, rule__in=shared)
    return codes | set(held.order_by().values_list("household__code", flat=True))


def to_mend(user: User, rule: str = "") -> Scoped[Mending]:
    """What has to be mended in this person's divisions, the most pressing first; of one rule where it is named."""
    found = Mending.objects.visible_to(user).filter(ended_at__isnull=True, checked_at__isnull=True)
    return found.filter(rule=rule) if rule else found


@dataclass(frozen=True, slots=True)
class Shown:
    """A mending on a page."""

    mending: Mending
    rule: Rule
    title: str
    late: bool


def shown(page: Iterable[Mending], now: datetime) -> list[Shown]:
    """The mendings of a page with their rules in words."""
    return [
        Shown(each, RULES[each.rule], quality.title(RULES[each.rule]), each.due_at < now)
        for each in page
    ]  # fmt: skip


def by_rule(user: User) -> list[tuple[Rule, str, int]]:
    """How much has to be mended by each rule, in the rules' order."""
    counts: QuerySet[Mending, tuple[str, int]] = (
        to_mend(user).order_by().values_list("rule").annotate(number=Count("id"))
    )
    counted = dict(counts)
    return [(rule, quality.title(rule), counted[key]) for key, rule in RULES.items() if key in counted]
