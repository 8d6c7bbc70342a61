"""A real county is founded, its people appointed, and a locked log-in opened, from the command line."""

import json

import pytest
from django.core.management import call_command

from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.office.guarding import TRIES, failed, locked_until
from anlan.county.office.models import County, Division, User


@pytest.fixture
def bare(db):
    """Reference data, and no county."""
    from anlan.county.office.actions import load_reference

    load_reference()


@pytest.fixture
def said(capsys):
    def run(*words):
        call_command(*words, "--json")
        return json.loads(capsys.readouterr().out)

    return run


def found(*more):
    return ("office_found", "360123", "安义县", "--lon", "115.55", "--lat", "28.85", *more)


@pytest.mark.clause("R1")
def test_a_county_with_its_townships_and_villages_in_any_order(bare, said, tmp_path):
    path = tmp_path / "divisions.csv"
    path.write_text("code,name,lon,lat\n360123101201,甲村,115.6,28.9\n360123101,万埠镇,,\n", encoding="utf-8-sig")
    told = said(*found("--divisions", str(path)))
    assert told == {"county": "360123000000", "name": "安义县", "divisions": 2}
    assert not County.objects.get().synthetic
    assert Division.objects.get(pk="360123101201").parent_id == "360123101000"
    with pytest.raises(Refused):
        said(*found())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name\n甲村\n", "第 1 行"),
        ("code,name\n36012x,甲村\n", "第 2 行"),
        ("code,name,lon\n360123101,镇,east\n", "第 2 行"),
    ],
)
def test_a_wrong_list_is_refused_by_its_line_and_founds_nothing(bare, said, tmp_path, text, place):
    path = tmp_path / "divisions.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=place):
        said(*found("--divisions", str(path)))
    assert not County.objects.exists()


@pytest.mark.parametrize("code", ["3601", "360123101", "abc"])
def test_only_a_county_s_code_founds_one(bare, said, code):
    with pytest.raises(BadInput):
        said("office_found", code, "示例", "--lon", "1", "--lat", "1")


def test_a_missing_list_is_refused(bare, said):
    with pytest.raises(BadInput):
        said(*found("--divisions", "missing.csv"))


def test_a_person_is_appointed_and_comes_in_with_the_password_printed_once(bare, said):
    said(*found())
    told = said("office_appoint", "wang", "--name", "示例王", "--role", "duty_officer", "--phone", "10000000001")
    user = User.objects.get(username="wang")
    assert user.check_password(told["password"])
    assert user.may("sense.open", "360123000000")
    assert user.phone == "10000000001"
    assert said("office_appoint", "wang", "--role", "auditor")["password"] == ""


@pytest.mark.parametrize(
    ("more", "error"),
    [(("--division", "999999999999"), NotFound), (("--department", "nothing"), NotFound), ((), BadInput)],
)
def test_nowhere_no_department_and_twice_are_refused(bare, said, more, error):
    said(*found())
    said("office_appoint", "wang", "--role", "duty_officer")
    with pytest.raises(error):
        said("office_appoint", "wang", "--role", "duty_officer", *more)


def test_a_locked_log_in_is_opened_with_a_new_password(bare, said, capsys):
    said(*found())
    said("office_appoint", "wang", "--role", "auditor")
    user = User.objects.get(username="wang")
    for _ in range(TRIES):
        failed(user)
    assert locked_until(user) is not None
    told = said("office_unlock", "wang", "--password")
    assert locked_until(user) is None
    assert User.objects.get(username="wang").check_password(told["password"])
    call_command("office_unlock", "wang")
    assert capsys.readouterr().out == "wang\t\n"
