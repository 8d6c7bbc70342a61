"""Who may do what, and what nobody may do alone."""

from itertools import combinations

import pytest

from anlan.county.office.roles import ROLES

EVERYTHING = frozenset().union(*(role.permissions for role in ROLES.values()))


def holders(permission):
    return {key for key, role in ROLES.items() if permission in role.permissions}


@pytest.mark.clause("R1", "L1")
@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_every_role_says_what_it_is_for_and_what_it_may(role):
    assert str(role.title)
    assert str(role.description).endswith("。")
    assert role.permissions
    assert all(permission.count(".") == 1 for permission in role.permissions)
    assert ROLES[role.key] is role


@pytest.mark.parametrize(("one", "other"), list(combinations(ROLES, 2)))
def test_no_two_roles_have_one_name(one, other):
    assert str(ROLES[one].title) != str(ROLES[other].title)


@pytest.mark.clause("A2", "L1")
@pytest.mark.parametrize("deed", ["warn.draft", "warn.release"])
def test_who_drafts_or_releases_warnings_cannot_approve_them(deed):
    assert holders(deed)
    assert holders("warn.approve")
    assert not holders(deed) & holders("warn.approve")


@pytest.mark.clause("A2", "M3")
@pytest.mark.parametrize("chain", ["decide", "clear"])
def test_village_township_and_county_are_three_pairs_of_eyes(chain):
    steps = [holders(f"{chain}.{step}") for step in ("village", "town", "county")]
    assert all(len(step) == 1 for step in steps)
    assert len(set().union(*steps)) == 3


@pytest.mark.clause("A2")
def test_the_auditor_reads_and_does_nothing_else():
    assert {permission.split(".")[1] for permission in ROLES["auditor"].permissions} == {"read"}
    assert {"ledger.read", "account.read"} <= ROLES["auditor"].permissions


@pytest.mark.clause("A2")
def test_who_keeps_the_users_judges_nobody():
    rooms = {permission.split(".")[0] for permission in ROLES["administrator"].permissions}
    assert rooms == {"office", "registry"}
    assert holders("office.write") == {"administrator"}


@pytest.mark.clause("D6")
def test_every_deed_is_somebodys():
    assert all(holders(permission) for permission in EVERYTHING)
    assert {"sense.receive", "foresee.run", "discover.report", "verify.visit", "assist.deliver"} <= EVERYTHING
