"""Short messages through Tencent Cloud. `[[tencent]]` in the file that ANLAN_CHANNELS names; the second account carries
what the first cannot.

Receipts are asked for, and the service gives each only once: what is lost between its answer and our database is lost.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from anlan.county import clock
from anlan.county.dispatch.channels.accounts import accounts, needed
from anlan.county.dispatch.channels.posting import Poster, coded, parsed
from anlan.county.dispatch.channels.segments import segments
from anlan.county.dispatch.channels.shape import (
    Health,
    Outcome,
    Outgoing,
    Push,
    Pushed,
    Receipt,
    TransportFailed,
    Unacceptable,
    fail_all,
)
from anlan.county.dispatch.channels.tencent import codec
from anlan.county.dispatch.channels.wire import ProtocolError
from anlan.county.dispatch.pacing import Breaker, Pace

AT_ONCE, ASK_EVERY_S = 100, 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """An account's settings."""

    name: str
    secret_id: str
    secret_key: str
    app: str
    sign: str
    template: str
    region: str = "ap-guangzhou"
    url: str = "https://sms.tencentcloudapi.com"
    rate: int = 0
    callback: str = ""


class Account:
    """An account with how fast it may send, and whether it is left alone."""

    def __init__(self, settings: Settings, tick: Callable[[], float] = time.monotonic) -> None:
        self.settings, self.pace, self.breaker = settings, Pace(settings.rate, part=1.0), Breaker()
        self.asked_at = float("-inf")
        self.tick, self.used = tick, True
        self.seen_at: float | None = None
        self.handed_at: float | None = None
        self.trouble = ""

    def ask(self, action: str, document: dict[str, Any]) -> dict[str, Any]:
        """One signed request. Raises TransportFailed."""
        try:
            answer = self._asked(action, document)
        except TransportFailed as error:
            self.trouble = str(error)
            raise
        self.seen_at, self.trouble = self.tick(), ""
        return answer

    def health(self) -> Health:
        """How it fares: it is asked for receipts all the time."""
        now, pace = self.tick(), self.pace
        up = False if self.trouble else None if self.seen_at is None else True
        return Health(
            self.settings.name, up, None if self.seen_at is None else now - self.seen_at,
            None if self.handed_at is None else now - self.handed_at, self.trouble, pace.rate, int(pace.allowed),
            pace.recent(now),
        )  # fmt: skip

    def _asked(self, action: str, document: dict[str, Any]) -> dict[str, Any]:
        own = self.settings
        body = coded(document)
        with Poster("tencent", own.url) as service:
            headers = codec.signed((own.secret_id, own.secret_key), service.host, action, body, clock.now())
            answer = service.ask_json("/", document, headers | {"X-TC-Region": own.region})
        try:
            return codec.answered(answer)
        except ProtocolError as error:
            raise TransportFailed(f"tencent: {error}") from None


class Channel:
    """Messages of the same text go in one request."""

    name = "tencent"
    kinds = frozenset({"sms"})
    safe_for_exercise = False
    batch = 500
    settings = Settings

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self.tick = tick
        self.accounts: list[Account] = []
        self.given: list[Receipt] = []

    def names(self) -> list[str]:
        """The accounts that are set."""
        return [account.settings.name for account in self._accounts(must=False)]

    def use(self, names: Collection[str]) -> None:
        """Keep to these accounts."""
        for account in self.accounts:
            account.used = account.settings.name in names

    def beat(self) -> list[Health]:
        """How each account in use fares."""
        return [account.health() for account in self._accounts(must=False) if account.used]

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over by the first account that can; raises TransportFailed where none could take anything."""
        known, outcomes = self._accounts(must=True), list[Outcome]()
        ordered = sorted(messages, key=lambda message: (message.priority, message.body))
        for (_priority, _body), same in groupby(ordered, key=lambda message: (message.priority, message.body)):
            each = list(same)
            for start in range(0, len(each), AT_ONCE):
                outcomes += self._hand_over(known, each[start : start + AT_ONCE])
        return outcomes

    def receipts(self) -> list[Receipt]:
        """What the service reports, asked for now and then."""
        for account in self._accounts(must=False):
            if account.used and not self.given and self.tick() - account.asked_at >= ASK_EVERY_S:
                asked = account.ask("PullSmsSendStatus", {"Limit": 100, "SmsSdkAppId": account.settings.app})
                try:
                    self.given += codec.reported(asked, account.settings.name)
                except ProtocolError as error:
                    raise TransportFailed(f"tencent: {error}") from None
                if len(self.given) < 100:
                    account.asked_at = self.tick()  # there are no more for now
        return self.given

    def stored(self) -> None:
        """The service has forgotten them already."""
        self.given = []

    def pushed(self, own: Settings, push: Push) -> Pushed:
        """What became of messages, or what somebody wrote. The service signs nothing: its address is the secret."""
        try:
            receipts, replies = codec.pushed(parsed(push.body), own.name)
        except ProtocolError as error:
            raise Unacceptable(f"tencent: {error}") from None
        return Pushed('{"result":0,"errmsg":"OK"}', "application/json", receipts, replies)

    def _accounts(self, *, must: bool) -> list[Account]:
        if not self.accounts:
            self.accounts = [Account(each, self.tick) for each in (needed if must else accounts)(self.name, Settings)]
        return self.accounts

    def _hand_over(self, known: Sequence[Account], messages: list[Outgoing]) -> list[Outcome]:
        numbers, outcomes = dict[int, str](), list[Outcome]()
        for message in messages:
            try:
                numbers[message.pk] = codec.number(message.address)
            except ValueError:
                outcomes.append(Outcome(message.pk, "tencent: not an address", permanent=True))
        left, failure = [message for message in messages if message.pk in numbers], "tencent: resting after failures"
        for account in known:
            if left and account.used and account.breaker.closed(self.tick()):
                going, late = self._paced(account, left)
                try:
                    outcomes += self._ask(account, going, numbers) if going else []
                except TransportFailed as error:
                    account.breaker.failed(self.tick())
                    failure = str(error)
                    continue
                account.breaker.worked()
                account.handed_at = self.tick() if going else account.handed_at
                return outcomes + [Outcome(each.pk, "postponed", postponed=True) for each in late]
        return outcomes + fail_all(left, failure, permanent=False)

    def _paced(self, account: Account, messages: list[Outgoing]) -> tuple[list[Outgoing], list[Outgoing]]:
        """Those that the pace allows now, and the rest."""
        for place, message in enumerate(messages):
            for _segment in range(segments(message.body)):
                if account.pace.take(self.tick(), urgent=message.priority == 0):
                    return messages[:place], messages[place:]
        return messages, []

    def _ask(self, account: Account, messages: list[Outgoing], numbers: dict[int, str]) -> list[Outcome]:
        own = account.settings
        answer = account.ask("SendSms", {
            "PhoneNumberSet": [numbers[message.pk] for message in messages], "SmsSdkAppId": own.app,
            "SignName": own.sign, "TemplateId": own.template, "TemplateParamSet": [messages[0].body],
        })  # fmt: skip
        try:
            said = codec.taken(answer, len(messages))
        except ProtocolError as error:
            raise TransportFailed(f"tencent: {error}") from None
        return [
            Outcome(message.pk, verdict.failure, verdict.permanent)
            if verdict.failure or not serial
            else Outcome(message.pk, account=own.name, references=(serial,))
            for message, (serial, verdict) in zip(messages, said, strict=True)
        ]
