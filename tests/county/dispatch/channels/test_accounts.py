"""The file of accounts: what is wrong with it is said, what stands in it is not."""

from dataclasses import dataclass

import pytest

from anlan.county.dispatch.channels.accounts import accounts as read
from anlan.county.dispatch.channels.accounts import needed
from anlan.county.dispatch.channels.shape import TransportFailed


@dataclass(frozen=True)
class Account:
    name: str
    port: int = 1


def test_accounts_come_in_their_order(accounts):
    accounts('[[x]]\nname = "first"\n[[x]]\nname = "second"\nport = 2\n')
    assert read("x", Account) == [Account("first"), Account("second", 2)]
    assert read("y", Account) == []


def test_without_a_file_there_is_no_account_and_who_needs_one_says_where_it_belongs(settings, tmp_path):
    settings.CHANNELS = tmp_path / "nothing.toml"
    assert read("x", Account) == []
    with pytest.raises(TransportFailed, match="ANLAN_CHANNELS"):
        needed("x", Account)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[x]]\nport = 2", "account 1 lacks “name”"),
        ('[[x]]\nname = "a"\n[[x]]\nname = "b"\ncolour = "s3cret"', "account 2 has a field “colour”"),
        ('[[x]]\nname = "a"\nport = "s3cret"', "account 1: “port” is not of type int"),
        ('[[x]]\nname = "a"\nport = true', "account 1: “port” is not of type int"),
        ('x = "s3cret"', r"written as \[\[x\]\]"),
        ('[[x]]\nname = "s3cret', "channels.toml is not TOML"),
    ],
)
def test_a_mistake_is_named_by_its_place_and_nothing_of_its_text(accounts, text, words):
    accounts(text)
    with pytest.raises(TransportFailed, match=words) as caught:
        read("x", Account)
    assert "s3cret" not in f"{caught.value}{caught.value.__cause__}"


def test_a_file_that_cannot_be_read_is_a_failure_to_try_again(settings, tmp_path):
    settings.CHANNELS = tmp_path
    with pytest.raises(TransportFailed, match="directory") as caught:
        read("x", Account)
    assert not caught.value.permanent
