"""What a warning sends to whom: short messages, loudspeakers, and the cadres' lists of doors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from anlan.county import clock
from anlan.county.dispatch.actions import Draft
from anlan.county.dispatch.models import Message
from anlan.county.office.models import User
from anlan.county.office.queries import county
from anlan.county.registry.shelters.queries import schools_in
from anlan.county.warn import queries, wording
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.county.warn.queries import Audience
from anlan.engine.audience import words
from anlan.engine.audience.release import RED
from anlan.engine.audience.speech import spell


def key(warning: Warning, kind: str, name: str) -> str:
    """A message's key: one message of a kind for a warning and a household (or village, or cadre)."""
    return f"{warning.code}/{kind}/{name}"


def to_households(warning: Warning, reached: Audience) -> Iterator[Draft]:
    """One for each village's loudspeaker, and a short message to everyone with a phone."""
    base, own = _base(warning), wording.own(warning, reached.places())
    for village, body in wording.announced(warning, reached.villages()).items():
        yield replace(
            base, key=key(warning, "loudspeaker", village), kind="loudspeaker", address=village, division_id=village,
            body=body,
        )  # fmt: skip
    phones = queries.phones(reached.id.tolist())
    rows = (reached.id.tolist(), reached.code.tolist(), reached.division.tolist(), reached.tier.tolist())
    for household, code, division, tier in zip(*rows, strict=True):
        if household in phones:
            yield replace(
                base, key=key(warning, "sms", code), address=phones[household], division_id=division, priority=tier,
                body=own[household].sms if household in own else warning.sms,
            )  # fmt: skip


def to_second_contacts(warning: Warning, silent: Mapping[int, str]) -> Iterator[tuple[int, Draft]]:
    """A short message and a call to who else can tell these households (id: village), each with the household's id."""
    base, own = _base(warning), wording.own(warning, silent)
    for household, (code, phone) in queries.second_contacts(list(silent)).items():
        said = own.get(household, words.Text(warning.sms, warning.voice))
        mine = replace(base, address=phone, division_id=silent[household])
        yield household, replace(mine, key=key(warning, "second", code), body=said.sms)
        yield household, replace(mine, key=key(warning, "second.voice", code), kind="voice", body=said.voice)


def to_schools(warning: Warning, villages: Sequence[str]) -> Iterator[Draft]:
    """A short message to every school and kindergarten that can be called, at red a call; no list of anybody."""
    base = _base(warning)
    for school in schools_in(villages):
        if school.phone:
            mine = replace(base, address=school.phone, division_id=school.division_id)
            yield replace(mine, key=key(warning, "sms", f"{school.division_id}/school-{school.pk}"))
            if warning.level == RED:
                name = f"{school.division_id}/school-{school.pk}"
                yield replace(mine, key=key(warning, "voice", name), kind="voice", body=warning.voice)


def to_cadres(warning: Warning, reached: Audience) -> Iterator[Draft]:
    """Each village's list of doors to call at, and a short message to its cadres."""
    base = _base(warning)
    for village, doors in queries.doors(reached).items():
        yield replace(
            base, key=key(warning, "list", village), kind="list", address=village, division_id=village,
            body="\n".join([warning.sms, *doors]),
        )  # fmt: skip
    for username, phone, village in queries.cadres(reached.villages()):
        yield replace(base, key=key(warning, "sms", f"{village}/{username}"), address=phone, division_id=village)
        if warning.level == RED:  # 叫应: called, not only written to
            yield replace(
                base, key=key(warning, "voice", f"{village}/{username}"), kind="voice", address=phone,
                division_id=village, body=warning.voice,
            )  # fmt: skip


def cancellations(warning: Warning, gone: Iterable[Message], until: datetime) -> Iterator[Draft]:
    """The prepared cancellation for everyone whose message has left, by the way it went."""
    for message in gone:
        spoken = message.kind == "loudspeaker"
        yield Draft(
            key=f"{warning.code}/x/{message.pk}", kind=message.kind, address=message.address, priority=0,
            division_id=message.division_id, subject=message.subject, exercise=message.exercise, not_after=until,
            body=spell(warning.cancellation.partition("】")[2]) if spoken else warning.cancellation,
        )  # fmt: skip


def all_clears(warning: Warning, over: Warning, gone: Iterable[Message]) -> Iterator[Draft]:
    """That it is over, for everyone whose message has left, by the way it went."""
    base = _base(warning)
    for message in gone:
        yield replace(
            base, key=f"{warning.code}/{message.key.removeprefix(f'{over.code}/')}", kind=message.kind,
            address=message.address, division_id=message.division_id, priority=message.priority,
            body=warning.voice if message.kind == "loudspeaker" else warning.sms,
        )  # fmt: skip


def to_desk(warning: Warning, people: Iterable[User], kind: str, body: str) -> Iterator[Draft]:
    """A call or a short message to officials about a warning, those who have a telephone."""
    base = _base(warning)
    for each in people:
        if each.phone:
            yield replace(
                base, key=key(warning, kind, f"{clock.now():%H%M%S}.{each.username}"), kind=kind.partition(".")[0],
                address=each.phone, division_id=county().division_id, body=body,
            )  # fmt: skip


def to_holders(warning: Warning, place: str, people: Iterable[User], sort: str, body: str) -> Iterator[Draft]:
    """A short message to the people of a place about the households of theirs that have not answered."""
    base = _base(warning)
    for each in people:
        if each.phone:
            yield replace(
                base,
                key=key(warning, sort, f"{place}/{each.username}"),
                address=each.phone,
                division_id=place,
                body=body,
            )


def _base(warning: Warning) -> Draft:
    """What all messages of a warning share. In a synthetic county nothing is ever meant."""
    return Draft(
        key="", kind="sms", address="", division_id="", subject=warning.event.title[:120], body=warning.sms, priority=0,
        exercise=warning.event.exercise or county().synthetic, not_after=warning.expires_at,
    )  # fmt: skip
