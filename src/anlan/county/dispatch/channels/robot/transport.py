"""Texts into groups of cadres. `[[robot]]` in the file that ANLAN_CHANNELS names; a message's address names the robot.

The lists of doors do not go this way: they hold people, and a group's members are not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from anlan.county import clock
from anlan.county.dispatch.channels.accounts import needed
from anlan.county.dispatch.channels.posting import Poster
from anlan.county.dispatch.channels.robot import codec
from anlan.county.dispatch.channels.shape import Outcome, Outgoing, TransportFailed


@dataclass(frozen=True, slots=True)
class Settings:
    """A robot of one group."""

    name: str
    flavour: str
    url: str
    secret: str = ""


class Channel:
    """One request a message."""

    name = "robot"
    kinds = frozenset({"group"})
    safe_for_exercise = False
    batch = 20  # what a robot takes in a minute

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Post each to the robot that its address names."""
        robots = {each.name: each for each in needed(self.name, Settings)}
        return [self._post(message, robots.get(message.address)) for message in messages]

    def _post(self, message: Outgoing, robot: Settings | None) -> Outcome:
        if robot is None or robot.flavour not in codec.FLAVOURS:
            return Outcome(message.pk, "robot: not one of ours", permanent=True)
        parts = urlsplit(robot.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        text = f"{message.subject}\n{message.body}" if message.subject else message.body
        try:
            with Poster(robot.flavour, robot.url) as service:
                where, document = codec.request(robot.flavour, path, robot.secret, text, clock.now())
                said = codec.verdict(robot.flavour, service.ask_json(where, document))
        except TransportFailed as error:
            return Outcome(message.pk, str(error), error.permanent)
        return Outcome(message.pk, said.failure, said.permanent)
