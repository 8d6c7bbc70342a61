"""`anlan linkage compare` on the command line."""

import csv
import io
import json
import sys

import pytest
from django.core.management import call_command

from anlan.county.errors import BadInput

LEFT = (
    "姓名,身份证号,手机号,地址\n示例甲,990123197211110033,,\n示例乙,990123********1040,,\n示例丁,,,下庄村\n路人,无,,\n"
)
RIGHT = (
    "name,id_number,phone,address,household\n示例乙,990123201006061040,13912345678,万埠镇下庄村3组,H1\n"
    "示例甲,990123197211110033,13912345678,万埠镇下庄村3组,H1\n示例丁丁,990123194802292015,,万埠镇下庄村1组,H2\n"
    "示例叮,,,万埠镇下庄村2组,H3\n"
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "left.csv").write_text(LEFT)
    (tmp_path / "right.csv").write_text(RIGHT)
    return tmp_path


def run(folder, *words, left="left.csv", right="right.csv"):
    out = io.StringIO()
    call_command(
        "linkage_compare",
        str(folder / left),
        str(folder / right),
        "--out",
        str(folder / "links.csv"),
        *words,
        stdout=out,
    )
    return out.getvalue()


def rows(path):
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_links_and_counts(files):
    document = json.loads(run(files, "--json"))
    assert rows(files / "links.csv") == [
        {"left_row": "1", "right_row": "2", "rule": "id_name", "probability": "0.9999"},
        {"left_row": "2", "right_row": "1", "rule": "id_mask", "probability": "0.9999"},
    ]
    assert document["rules"] == {"id_name": 1, "id_mask": 1}
    assert (document["left_rows"], document["right_rows"], document["links"], document["review"]) == (4, 4, 2, 1)
    assert document["engine"] == "local"
    assert document["seconds"] > 0


def test_for_people_it_says_the_same(files):
    assert "links\t2" in run(files)


def test_no_link_is_a_file_with_a_heading(files):
    (files / "left.csv").write_text("姓名,身份证号\n")
    assert json.loads(run(files, "--json"))["links"] == 0
    assert (files / "links.csv").read_text() == "left_row,right_row,rule,probability\n"


def test_the_queue_shows_both_records_and_a_marked_pair_comes_first_next_time(files):
    run(files, "--review", str(files / "queue.csv"))
    (row,) = rows(files / "queue.csv")
    assert (row["left_name"], row["right_name"], row["rule"]) == ("示例丁", "示例叮", "alike_village")
    assert "name_sound" in row["reasons"]
    assert row["confirmed"] == ""
    text = (files / "queue.csv").read_text(encoding="utf-8-sig")
    (files / "queue.csv").write_text(text.rstrip("\n") + "是\n", encoding="gb18030")
    (files / "left.csv").write_text("姓名,身份证号,手机号,地址\n示例丁,,,下庄村\n")
    assert json.loads(run(files, "--json", "--crosswalk", str(files / "queue.csv")))["rules"] == {"crosswalk": 1}


def test_a_gazetteer_puts_codes_into_words(files):
    (files / "left.csv").write_text("姓名,行政区划\n示例叮,360123101299\n")
    (files / "codes.csv").write_text("code,name\n360123101299,安义县万埠镇下庄村\n")
    assert json.loads(run(files, "--json"))["links"] == 0
    assert json.loads(run(files, "--json", "--gazetteer", str(files / "codes.csv")))["rules"] == {"name_village": 1}


def test_one_to_one(files):
    (files / "left.csv").write_text("姓名,身份证号\n示例甲,990123197211110033\n示例甲,990123197211110033\n")
    assert json.loads(run(files, "--json"))["links"] == 2
    assert json.loads(run(files, "--json", "--one-to-one"))["links"] == 1


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--crosswalk", "nowhere.csv"), "nowhere.csv"),
        (("--crosswalk", "left.csv"), "left.csv"),
        (("--gazetteer", "left.csv"), "left.csv"),
    ],
)
def test_a_file_of_another_kind_is_refused(files, words, place):
    with pytest.raises(BadInput, match=place):
        run(files, words[0], str(files / words[1]))
    assert not (files / "links.csv").exists()


def test_a_folder_that_is_not_there_is_refused_and_nothing_is_left_behind(files):
    before = sorted(files.iterdir())
    with pytest.raises(BadInput, match=r"links\.csv"):
        call_command(
            "linkage_compare",
            str(files / "left.csv"),
            str(files / "right.csv"),
            "--out",
            str(files / "no" / "links.csv"),
        )
    assert sorted(files.iterdir()) == before


def test_without_spark_it_says_what_to_do(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(BadInput, match="Spark"):
        run(files, "--engine", "spark")


def test_splink_is_refused_where_it_is_missing(files, monkeypatch):
    from anlan.engine.linkage import ranking

    monkeypatch.setattr(ranking, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match="Splink"):
        run(files, "--splink")
    assert not (files / "links.csv").exists()


def test_splinks_weights_are_a_column_of_the_queue(files, monkeypatch):
    from anlan.engine.linkage import ranking

    monkeypatch.setattr(ranking, "installed", lambda: True)
    monkeypatch.setattr(ranking, "weights", lambda listed, register, pairs: pairs["probability"] * 0 + 4.321)
    run(files, "--splink", "--review", str(files / "queue.csv"))
    assert [row["splink_weight"] for row in rows(files / "queue.csv")] == ["4.32"]
