"""The engine's words with the places of this county in them, as closely as seventy characters allow."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.office.models import Division
from anlan.county.office.queries import county
from anlan.county.registry.models import Holding, Household
from anlan.county.registry.shelters import queries as shelters
from anlan.county.sense.models import Event
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.engine.audience import closer, words
from anlan.engine.exposure import calendar

T = TypeVar("T")
SAMPLES = 5


def drafted(event: Event, audience: str, townships: Sequence[str], lasting: timedelta) -> tuple[words.Text, str]:
    """A warning's words for an audience, and the cancellation that is ready with them."""
    place, hours = county().division.name, hours_of(lasting)

    def said(area: str) -> tuple[words.Text, str]:
        text = words.draft(event.hazard, event.level, audience, area, hours, place)
        return text, words.cancellation(event.hazard, event.level, area, place)

    return _closest(townships, said)


def over(warning: Warning, townships: Sequence[str]) -> words.Text:
    """The words with which a warning's danger is said to be over."""
    hazard, place = warning.event.hazard, county().division.name
    return _closest(townships, lambda area: words.all_clear(hazard, warning.level, warning.audience, area, place))


def hours_of(lasting: timedelta) -> int:
    """How long a warning holds, in whole hours, at least one."""
    return max(1, round(lasting.total_seconds() / 3600))


def _closest(townships: Sequence[str], said: Callable[[str], T]) -> T:
    """What is said of the townships by name, where that is too long by the first and how many, else of the county."""
    several = _("%(first)s等%(count)d个乡镇") % {"first": townships[0], "count": len(townships)} if townships else ""
    for area in ("、".join(townships), several):
        try:
            if area:
                return said(area)
        except words.TooLong:
            continue
    return said(county().division.name)


# --- a household's own words ---------------------------------------------------------------------------
def notice_of(warning: Warning) -> words.Notice:
    """What a warning says to everybody alike."""
    lasting = hours_of(warning.expires_at - warning.drafted_at)
    return words.Notice(warning.event.hazard, warning.level, lasting, county().division.name)


def own(warning: Warning, households: Mapping[int, str]) -> dict[int, words.Text]:
    """The households (id: village) that have words of their own: a shelter and the way to it, or their crop's.

    Where a person has changed a warning's words those were approved, and go to everybody as they are.
    """
    if warning.edited or not households:
        return {}
    if warning.audience == "danger":
        return _sheltered(notice_of(warning), households)
    return _farming(notice_of(warning), households) if warning.audience == "general" else {}


def _sheltered(notice: words.Notice, households: Mapping[int, str]) -> dict[int, words.Text]:
    if closer.templates_of(notice) is None:
        return {}
    villages = set(households.values())
    known, names = shelters.refuges(villages), _names(villages)
    told: dict[tuple[str, int], words.Text | None] = {}
    found = {}
    for key, group_no in Household.objects.filter(pk__among=list(households)).values_list("id", "group_no"):
        place = (households[key], group_no)
        if place not in told:
            refuge = shelters.refuge(known, *place)
            told[place] = closer.sheltered(notice, names[place[0]], refuge) if refuge is not None else None
        if (text := told[place]) is not None:
            found[key] = text
    return found


def _farming(notice: words.Notice, households: Mapping[int, str]) -> dict[int, words.Text]:
    if not closer.has_farm_words(notice):
        return {}
    names, today = _names(set(households.values())), clock.today()
    grown: dict[int, list[tuple[str, str]]] = defaultdict(list)
    held = Holding.objects.filter(household__among=list(households)).order_by("-value_yuan", "id")
    for key, kind in held.values_list("household_id", "kind"):
        grown[key].append((kind, calendar.stage(kind, today)))
    told: dict[tuple[str, tuple[tuple[str, str], ...]], words.Text | None] = {}
    found = {}
    for key, kinds in grown.items():
        case = (households[key], tuple(kinds))
        if case not in told:
            told[case] = closer.farming(notice, names[case[0]], kinds)
        if (text := told[case]) is not None:
            found[key] = text
    return found


def announced(warning: Warning, villages: Sequence[str]) -> dict[str, str]:
    """What each village's loudspeaker says: the warning's words, and which group goes to which shelter."""
    known = {} if warning.edited or warning.audience != "danger" else shelters.refuges(villages)
    notice, spoken = notice_of(warning), dict.fromkeys(villages, warning.voice)
    for village in {village for village, _group in known}:
        mine = {group: refuge for (place, group), refuge in known.items() if place == village}
        last_the_rest = sorted(mine, key=lambda group: (group == 0, group))
        where = [(_group(group, alone=len(mine) == 1), mine[group]) for group in last_the_rest]
        spoken[village] = closer.announced(notice, where, warning.voice)
    return spoken


def samples(warning: Warning, households: Mapping[int, str]) -> list[tuple[str, int]]:
    """The texts that households of their own words would get, and how many get each; the most frequent first."""
    return Counter(text.sms for text in own(warning, households).values()).most_common(SAMPLES)


def _group(group_no: int, *, alone: bool) -> str:
    if group_no:
        return _("%(number)d组") % {"number": group_no}
    return _("全村") if alone else _("其他组")


def _names(villages: Iterable[str]) -> dict[str, str]:
    return dict(Division.objects.filter(pk__among=list(villages)).values_list("code", "name"))
