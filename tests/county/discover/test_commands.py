"""The same deeds from the command line."""

import json

import pytest
from django.core.management import call_command
from tests.county.snapshot import changed, everything
from tests.county.storm import id_number

from anlan.county import clock
from anlan.county.discover.actions import Report, report
from anlan.county.discover.models import Inspection, Lead
from anlan.county.errors import BadInput, NotFound


def run(capsys, *words):
    call_command(*words)
    return capsys.readouterr().out


def test_a_list_is_screened_by_command(storm, capsys, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"姓名,身份证号,事由\n示例户05,{id_number(0, 5)},水稻绝收\n别人,1,水稻绝收\n")
    words = ("discover_screen", str(path), f"--event={storm.event.code}", "--source=保险")
    said = json.loads(run(capsys, *words, "--json"))
    assert (said["rows"], said["leads"], said["unmatched"]) == (2, 1, [])
    assert said["refusals"] == [{"row": 3, "column": "身份证号", "reason": "不是有效的身份证号"}]
    assert run(capsys, *words).splitlines()[1].startswith("3\t身份证号")


def test_a_missing_file_or_event_is_refused(storm, capsys, tmp_path):
    with pytest.raises(BadInput, match="没有文件"):
        run(capsys, "discover_screen", str(tmp_path / "no.csv"), f"--event={storm.event.code}", "--source=x")
    with pytest.raises(NotFound):
        run(capsys, "discover_sweep", "EV0")


def test_villages_are_sent_out_and_the_inbox_is_read(storm, people, capsys):
    assert json.loads(run(capsys, "discover_sweep", storm.event.code, "--json")) == {"opened": 4}
    report(event=storm.event, reports=[Report("r", "self", storm.household(0, 5).pk, clock.now(), {"kinds": ["home"]})],
           by=people["anlan"])  # fmt: skip
    (lead,) = json.loads(run(capsys, "discover_inbox", f"--event={storm.event.code}", "--json"))
    assert (lead["household"], lead["green"], lead["overdue"]) == (storm.household(0, 5).code, True, False)
    assert json.loads(run(capsys, "discover_inbox", "--by=village_cadre_b", "--json")) == []
    assert storm.household(0, 5).code in run(capsys, "discover_inbox")


INSPECTED = """检查类型,村,户编号,地点,经度,纬度,发现问题,危及农户,受损情况,整改措施,整改时限,检查日期,检查单位
消防,{village},{home},,,,电线老化,是,房屋,更换线路,,2026-06-10,消防所
汛前,{village},,村口涵洞,,,淤堵,也许,,,,2026-06-10,水务站
"""


@pytest.mark.clause("D4")
def test_a_list_of_inspections_is_taken_in_by_command_and_the_same_again_changes_nothing(storm, capsys, tmp_path):
    home, path = storm.household(0, 5), tmp_path / "list.csv"
    path.write_text(INSPECTED.format(village=home.division_id, home=home.code))
    words = ("discover_inspections", str(path), f"--event={storm.event.code}")
    tried = json.loads(run(capsys, *words, "--dry-run", "--json"))
    assert (tried["new"], Inspection.objects.count(), Lead.objects.count()) == (1, 0, 0)
    said = json.loads(run(capsys, *words, "--json"))
    assert {name: said[name] for name in ("rows", "new", "known", "leads")} == {
        "rows": 2, "new": 1, "known": 0, "leads": 1
    }  # fmt: skip
    (refused,) = said["refused"]
    assert (refused["row"], refused["column"]) == (3, "危及农户")
    before = everything()
    again = run(capsys, *words)
    assert changed(before, everything()) == set()
    assert "known\t1" in again
    assert "\t3\t危及农户\t" in again


def test_a_list_of_inspections_that_is_no_table_is_refused(storm, capsys, tmp_path):
    (tmp_path / "list.csv").write_text("甲,乙\n1,2\n")
    for name, said in (("list.csv", "没有认得的列名"), ("no.csv", "no.csv")):
        with pytest.raises(BadInput, match=said):
            run(capsys, "discover_inspections", str(tmp_path / name))
