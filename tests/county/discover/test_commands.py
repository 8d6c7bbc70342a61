"""The same deeds from the command line."""

import json

import pytest
from django.core.management import call_command
from tests.county.storm import id_number

from anlan.county import clock
from anlan.county.discover.actions import Report, report
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
