"""A household's own words: its shelter and the way there, or what its crop needs now. Templates: `words.toml`.

They are never a reason not to be warned: where they would not fit one short message something is dropped, in the order
that the templates lay down, and where nothing is left to drop the audience's own words go.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from anlan.engine.audience import words
from anlan.engine.audience.speech import spell
from anlan.engine.audience.words import Notice, Text

SHORT_UNITS = 12  # of a shelter's short name: so much always fits beside the rest
RIPE, GONE = "ripe", "fallow"  # stages of engine.exposure: to be brought in, and none of it in the field


@dataclass(frozen=True, slots=True)
class Refuge:
    """A shelter as it is told: its name, a short one of at most SHORT_UNITS, and the way, which may be unknown."""

    name: str
    short: str
    route: str = ""


def sheltered(notice: Notice, area: str, refuge: Refuge) -> Text | None:
    """A household's words with its shelter named; None where the hazard sends nobody to one, or not even the short
    name fits.

    `area` names where the household is. Dropped first is the way, then the area, then the long name for the short one.
    """
    pair = templates_of(notice)
    if pair is None:
        return None
    advice = pair[int(notice.urgent)]
    sms = _first_fitting(notice.sms(place, advice.format(to=to)) for place, to in _shorter(area, refuge))
    if sms is None:
        return None
    more = words.templates()["shelter"]["voice"]
    return Text(sms, notice.voice("danger", area, advice.format(to=_to(refuge)) + more))


def announced(notice: Notice, refuges: Sequence[tuple[str, Refuge]], general: str) -> str:
    """What a village's loudspeaker says: the words for all (`general`), and which of its groups goes where.

    `refuges`: (the groups as they are spoken of, their shelter). Without one, or where the hazard sends nobody to a
    shelter, the words for all.
    """
    if templates_of(notice) is None or not refuges:
        return general
    told = words.templates()["shelter"]["villages"]
    where = "；".join(told.format(groups=groups, to=_to(refuge)) for groups, refuge in refuges)
    return f"{general}{spell(where)}。"


def has_farm_words(notice: Notice) -> bool:
    """Whether any farmer has words of their own for this."""
    by_group = words.templates()["farm"].get(notice.kind["advice"], {})
    return any(sentences[int(notice.urgent)] for sentences in by_group.values())


def farming(notice: Notice, area: str, grown: Sequence[tuple[str, str]]) -> Text | None:
    """A farmer's words; None where the hazard has none for what the household grows, or people come first.

    `grown`: (kind of holding, how far it is), what brings in most first; the first of which something can be said
    counts. The area gives way before the advice does.
    """
    data = words.templates()["farm"]
    by_group = data.get(notice.kind["advice"], {})
    for holding, stage in grown:
        group = data["of"].get(holding)
        advice = _advice(by_group[group], notice, stage) if group in by_group and stage != GONE else ""
        if advice:
            sms = _first_fitting(notice.sms(place, advice) for place in (area, ""))
            return None if sms is None else Text(sms, notice.voice("general", area, advice))
    return None


def faults(area: str, sender: str) -> list[str]:
    """Why the words above could not be approved as they stand, as `words.faults` tells it. `area`: the longest name of
    a village. Every hazard, level, kind of holding and stage is tried, and a shelter of the longest short name."""
    refuge = Refuge("远" * 40, "近" * SHORT_UNITS, "长" * 60)
    found = []
    for hazard, level, hours in product(words.hazards(), words.LEVELS, (72, 24 * 99)):
        notice = Notice(hazard, level, hours, sender)
        place = f"{hazard}, level {level}"
        text = sheltered(notice, area, refuge)
        if text is None and templates_of(notice) is not None:
            found.append(f"{place}: no room for the short name of a shelter")
        texts = {"shelter": text} | {
            holding: farming(notice, area, [(holding, stage)])
            for holding in words.templates()["farm"]["of"]
            for stage in ("standing", RIPE)
        }
        for name, each in texts.items():
            said = (each.sms + each.voice).replace(sender, "") if each is not None else ""
            found += [f"{place}, {name}: says {word}" for word in words.unfit(said)]
    return sorted(set(found))


def templates_of(notice: Notice) -> Any:
    """The two sentences with a place for the shelter, before orange and from orange on; None where there are none."""
    return words.templates()["shelter"]["advice"].get(notice.kind["advice"])


def _advice(sentences: Sequence[str], notice: Notice, stage: str) -> str:
    soon, now, ripe = sentences
    usual = now if notice.urgent else soon
    return ripe if usual and stage == RIPE and ripe else usual


def _shorter(area: str, refuge: Refuge) -> Iterator[tuple[str, str]]:
    """Where, and whereto: the fullest first."""
    if refuge.route:
        yield area, _to(refuge)
    plain = words.templates()["shelter"]["to"]
    yield area, plain.format(name=refuge.name)
    yield "", plain.format(name=refuge.name)
    yield "", plain.format(name=refuge.short)


def _first_fitting(texts: Iterable[str]) -> str | None:
    return next((each for each in texts if words.units(each) <= words.SMS_UNITS), None)


def _to(refuge: Refuge) -> str:
    data = words.templates()["shelter"]
    said: str = data["way" if refuge.route else "to"].format(name=refuge.name, route=refuge.route)
    return said
