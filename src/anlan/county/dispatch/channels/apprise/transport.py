"""The long tail: groups of cadres on services for which we have no folder, through Apprise, an extra of its own.

`[[apprise]]` in the file that ANLAN_CHANNELS names; a message's address names the account. Only for groups: it has no
receipts and takes seconds a message, and the lists of doors hold people, whose readers are not known here.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from anlan.county.dispatch.channels.accounts import needed
from anlan.county.dispatch.channels.shape import Outcome, Outgoing, TransportFailed

logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it writes addresses and texts


@dataclass(frozen=True, slots=True)
class Settings:
    """A group on a service, as Apprise writes it."""

    name: str
    url: str


class Channel:
    """One call a message, each on its own: what one group refuses another may take."""

    name = "apprise"
    kinds = frozenset({"group"})
    safe_for_exercise = False
    batch = 20

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Post each to the group that its address names."""
        groups = {each.name: each for each in needed(self.name, Settings)}
        if find_spec("apprise") is None:
            raise TransportFailed(
                "apprise: not installed here; pip install -r requirements/apprise.txt, or another route"
            )
        library = import_module("apprise")
        return [self._post(library, message, groups.get(message.address)) for message in messages]

    def _post(self, library: Any, message: Outgoing, group: Settings | None) -> Outcome:
        service = library.Apprise.instantiate(group.url, suppress_exceptions=True) if group is not None else None
        if service is None:
            failure = "not one of ours" if group is None else "an address that Apprise does not know"
            return Outcome(message.pk, f"apprise: {failure}", permanent=True)
        taken = service.notify(body=message.body, title=message.subject, body_format=library.NotifyFormat.TEXT)
        return Outcome(message.pk) if taken else Outcome(message.pk, "apprise: the service did not take it")
