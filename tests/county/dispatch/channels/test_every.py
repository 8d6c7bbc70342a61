"""What holds for every channel, whichever it is: exercises, accounts, documentation, secrets."""

import re
import tomllib
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path

import pytest
from tests.county.dispatch.conftest import draft, queue, spooled

from anlan.county.dispatch import handover
from anlan.county.dispatch.actions import dispatch_batch
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.channels.accounts import accounts as read
from anlan.county.dispatch.channels.shape import Hearing
from anlan.county.dispatch.models import Message, Route

PAGE = (Path(__file__).parents[4] / "docs" / "channels.md").read_text()
MODULES = {name: import_module(f"anlan.county.dispatch.channels.{name}.transport") for name in channels()}
WITH_ACCOUNTS = sorted(name for name, module in MODULES.items() if hasattr(module, "Settings"))
REACHING = sorted(name for name, channel in channels().items() if not channel.safe_for_exercise)
EXAMPLES = {
    name: text
    for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    for name in re.findall(r"^\[\[(\w+)\]\]", text, re.MULTILINE)
}


def test_whatever_speaks_to_the_outside_is_known_to_reach_people():
    assert REACHING == ["apprise", "cmpp", "ebd", "mqtt", "robot", "smpp", "smtp", "tencent", "voice", "wechat"]


@pytest.mark.parametrize("name", REACHING)
def test_an_exercise_never_reaches_a_channel_that_reaches_people(name, outbox, spool, monkeypatch):
    reached = []
    channel = channels()[name]
    monkeypatch.setattr(type(channel), "send", lambda self, messages: reached.extend(messages) or [])
    kind = sorted(channel.kinds)[0]
    Route.objects.update_or_create(kind=kind, defaults={"channel": name})
    queue(draft("exercise", kind=kind, exercise=True, priority=0))
    dispatch_batch(worker="w")
    assert reached == []
    assert [(line["key"], line["kind"], line["exercise"]) for line in spooled(spool)] == [("exercise", kind, True)]
    assert Message.objects.get().handed_at


@pytest.mark.parametrize("name", sorted(set(WITH_ACCOUNTS)))
def test_the_manual_shows_every_setting_and_what_it_shows_can_be_used(name, accounts):
    shape, text = MODULES[name].Settings, EXAMPLES[name]
    (example,) = tomllib.loads(text)[name]
    known = {each.name: each for each in fields(shape)}
    assert set(example) <= set(known)
    missing = {each for each in known if each not in example and known[each].default is MISSING}
    assert missing == set()
    accounts(text)
    (account,) = read(name, shape)
    assert account.name == example["name"]
    optional = {line.split("=")[0].strip() for line in text.splitlines() if "# optional" in line}
    assert optional <= {each for each in known if known[each].default is not MISSING}


def test_every_channel_with_accounts_is_in_the_manual():
    assert set(EXAMPLES) == set(WITH_ACCOUNTS)


@pytest.mark.parametrize("name", WITH_ACCOUNTS)
def test_without_an_account_a_channel_is_silent(name, settings, tmp_path, db):
    """The worker asks every channel for receipts, and most counties have few."""
    settings.CHANNELS = tmp_path / "none.toml"
    channel = MODULES[name].Channel()
    if isinstance(channel, Hearing):
        assert channel.receipts() == []
        channel.stored()


@pytest.mark.parametrize("name", ["smpp", "cmpp", "mqtt", "tencent", "ebd", "voice"])
def test_a_carrier_that_reports_is_heard(name):
    assert isinstance(channels()[name], Hearing)


@pytest.mark.parametrize("name", WITH_ACCOUNTS)
def test_a_mistake_in_the_file_makes_messages_wait_and_says_where_it_is(name, accounts, outbox, monkeypatch):
    accounts(f'[[{name}]]\nname = "a"\nnonsense = "s3cret"\n')
    fresh = MODULES[name].Channel()
    monkeypatch.setattr(handover, "channels", lambda: {**channels(), name: fresh})
    kind = sorted(fresh.kinds)[0]
    Route.objects.update_or_create(kind=kind, defaults={"channel": name})
    queue(draft("m", kind=kind))
    dispatch_batch(worker="w")
    message = Message.objects.get()
    assert message.failed_at is None
    assert message.failure == f"{name}: account 1 has a field “nonsense” that nobody knows"
    assert message.claimed_until, "it is tried again"
