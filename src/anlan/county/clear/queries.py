"""Questions to the follow-up: who is due for a check, whose risk is gone, what waits for whom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from anlan.county.assist.models import Measure
from anlan.county.clear.models import Check, Clearance, Step
from anlan.county.clear.rules import MACHINE, PERMISSIONS
from anlan.county.decide.models import Case, Episode
from anlan.county.decide.tables.wordings import county_book
from anlan.county.discover.models import Lead
from anlan.county.office.models import Scoped, User
from anlan.engine import policy
from anlan.engine.eligibility import clearance
from anlan.engine.policy import tables
from anlan.engine.policy.tables import Explained
from anlan.engine.policy.tables.answers import Value

SHORTEST_MONTH_D = 28
# What a batch needs of an episode and of what it names.
NAMED = ("household_id", "category", "entered_at", "cleared_at", "household__code", "household__division_id",
         "household__labourers", "case__event__code")  # fmt: skip


def day(at: datetime) -> date:
    """The day of a moment in the county."""
    return timezone.localtime(at).date()


def by_ids(ids: Iterable[int]) -> dict[int, Clearance]:
    """Clearances by id with episode, household and event, locked until the deed is done; missing ids are left out."""
    return {
        each.pk: each
        for each in Clearance.objects.filter(pk__among=set(ids))
        .select_related("episode__household", "episode__case__event")
        .only(*(field.name for field in Clearance._meta.concrete_fields), *(f"episode__{name}" for name in NAMED))
        .select_for_update(of=("self",))
    }


def episodes_by_ids(ids: Iterable[int]) -> dict[int, Episode]:
    """Episodes by id with household and event; missing ids are left out."""
    return {
        each.pk: each
        for each in Episode.objects.filter(pk__among=set(ids)).select_related("household", "case__event").only(*NAMED)
    }


def checked(episodes: Iterable[int]) -> dict[int, set[datetime]]:
    """The moments at which each of these episodes was checked."""
    found: dict[int, set[datetime]] = defaultdict(set)
    for episode, at in Check.objects.filter(episode_id__among=set(episodes)).values_list("episode_id", "at"):
        found[episode].add(at)
    return found


def ripe(user: User, on: date) -> QuerySet[Any]:
    """Open episodes old enough to be cleared, in the order of their households.

    None with a clearance open, and after a refused one none without a check since.
    """
    months = policy.on(on).number("clear_min_months")
    since = on - timedelta(days=months * SHORTEST_MONTH_D)
    running = Clearance.objects.filter(episode=OuterRef("pk"), closed_at__isnull=True)
    return (
        Episode.objects.visible_to(user)
        .filter(~Exists(running), cleared_at__isnull=True, entered_at__date__lte=since)
        .annotate(checked_at=Max("checks__at"), refused_at=Max("clearances__closed_at"))
        .filter(Q(refused_at__isnull=True) | Q(checked_at__gt=F("refused_at")))
        .select_related("household", "case__event")
        .only(*NAMED)
        .order_by("household__code")
    )


def verdicts(episodes: Sequence[Episode], on: date) -> dict[int, clearance.Verdict]:
    """The engine's judgement of each episode (by id) under the policy of a day: is the risk gone?"""
    rules, book = policy.on(on), county_book()
    histories = _histories(episodes)
    return {
        each.pk: clearance.judge(
            histories[each.pk], day(each.entered_at), each.household.labourers > 0, on, rules, book
        )
        for each in episodes
    }  # fmt: skip


def criteria(episode: Episode, on: date) -> tuple[Explained, ...]:
    """Every criterion of clearing one episode on a day, with what it looked at."""
    history, labour = _histories([episode])[episode.pk], episode.household.labourers > 0
    return clearance.explain(history, day(episode.entered_at), labour, on, policy.on(on), county_book())


def _histories(episodes: Sequence[Episode]) -> dict[int, list[clearance.Check]]:
    histories: dict[int, list[clearance.Check]] = defaultdict(list)
    rows = Check.objects.filter(episode_id__among=[each.pk for each in episodes]).order_by("episode_id", "at")
    for episode, at, income, broken in rows.values_list("episode_id", "at", "income_per_head_yuan", "broken"):
        histories[episode].append(clearance.Check(day(at), income, tuple(broken)))
    return histories


def others(episode: Episode) -> list[Episode]:
    """The household's other times under monitoring, the latest first: a relapse is an episode of its own."""
    found = Episode.objects.filter(household=episode.household_id).exclude(pk=episode.pk)
    return list(found.select_related("case__event").order_by("-entered_at"))


def doubtful(clearance_: Clearance) -> bool:
    """Whether a household was cleared so soon after it was identified that somebody should look again (可疑消除)."""
    closed = clearance_.closed_at
    if clearance_.state != "cleared" or closed is None:
        return False
    first, last = day(clearance_.episode.entered_at), day(closed)
    months = (last.year - first.year) * 12 + last.month - first.month + 1  # of the calendar, both ends counted
    rules = tables.on(policy.on(last), county_book())
    known: dict[str, Value] = {"cleared_how": clearance_.how, "months_monitored": months}
    return bool(rules.judge(known, ("suspicious_clearance",))["suspicious_clearance"].fired)


def newly_at_risk(clearances: Sequence[Clearance]) -> set[int]:
    """Clearances (by id) whose household has a lead or case that is open, or was reported with something new.

    What was reported before the last monthly check, that check has seen.
    """
    leads = Lead.objects.filter(household=OuterRef("episode__household"), closed_at__isnull=True)
    fresh = leads.filter(case_open(), opened_at__gt=OuterRef("episode__entered_at"))
    return _with(fresh, clearances) | _with(_told("episode", "episode__"), clearances)


def _told(key: str = "pk", of: str = "") -> QuerySet[Lead]:
    """Leads by which an episode's household was reported with something new since its last check."""
    checks = Check.objects.filter(episode=OuterRef(OuterRef(key))).order_by("-at").values("at")[:1]
    since = Coalesce(Subquery(checks), OuterRef(f"{of}entered_at"))
    return Lead.objects.filter(household=OuterRef(f"{of}household"), news_at__gt=since)


def case_open() -> Q:
    """The condition of leads that no decision has closed yet."""
    decided = Case.objects.filter(finding__lead=OuterRef("pk"), closed_at__isnull=False)
    return Q(~Exists(decided))


def assisted(clearances: Sequence[Clearance]) -> set[int]:
    """Clearances (by id) whose household was given something since its episode's lead."""
    given = Measure.objects.filter(
        household=OuterRef("episode__household"), event=OuterRef("episode__case__event"), delivered_at__isnull=False
    )
    return _with(given, clearances)


def _with(rows: QuerySet[Any], clearances: Sequence[Clearance]) -> set[int]:
    mine = Clearance.objects.filter(Exists(rows), pk__among=[each.pk for each in clearances])
    return set(mine.values_list("id", flat=True))


def signed_by(user: User, clearances: Iterable[int], state: str) -> set[int]:
    """Which of these clearances this person already moved on from a state."""
    signed = Step.objects.filter(by=user, clearance_id__among=list(clearances), before=state)
    return set(signed.values_list("clearance_id", flat=True))


def mine(user: User) -> list[str]:
    """The states in which this person may move a clearance on."""
    return [name for name, state in MACHINE.states.items() if state.after and user.may(PERMISSIONS[state.owner])]


def queue(user: User, state: str = "") -> Scoped[Clearance]:
    """Clearances waiting for this person, the oldest first; of one state where it is named."""
    return (
        Clearance.objects.visible_to(user)
        .filter(state__in=[state] if state else mine(user))
        .select_related("episode__household__division", "episode__case__event")
        .order_by("opened_at", "episode__household__code")
    )


def followed(user: User) -> QuerySet[Any]:
    """Open episodes in this person's divisions: first those reported with something new, then by their last check."""
    return (
        Episode.objects.visible_to(user)
        .filter(cleared_at__isnull=True)
        .annotate(checked_at=Max("checks__at"), told=Exists(_told()))
        .select_related("household__division", "case__event")
        .order_by("-told", F("checked_at").asc(nulls_first=True), "entered_at", "household__code")
    )
