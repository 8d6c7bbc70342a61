"""A line of the ledger reads as a sentence; what has no word is told by its own name, and nothing is left out."""

import ast
import json
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.desk import labels, saying

COUNTY = Path(saying.__file__).resolve().parents[1]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def told(payload, **names):
    return [(each.label, each.text) for each in saying.said(json.dumps(payload), names)]


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ({"after": "not_confirmed", "before": "review"}, [("之前", "民主评议"), ("之后", "不予纳入")]),
        ({"consent": True, "noted": False}, [("已签授权", "是"), ("有备注", "否")]),
        ({"income_per_head_yuan": 6312.45, "yuan": 800.0}, [("人均纯收入（元）", "6,312.45"), ("金额（元）", "800")]),
        ({"digest": "ab" * 32}, [("校验码", "ababababab…")]),
        ({"at": "2026-06-20T00:00:00+00:00"}, [("时间", "2026-06-20 08:00")]),
        ({"at": "2026-06-20T09:30:00"}, [("时间", "2026-06-20 09:30")]),
        ({"on": "2027-01-14"}, [("日期", "2027-01-14")]),
        ({"on": "2027-99-99"}, [("日期", "2027-99-99")]),
        ({"kinds": ["home", "crop"], "level": 3}, [("受灾情况", "房屋、庄稼"), ("级别", "橙色")]),
        ({"households": [str(n) for n in range(10)]}, [("农户", "0、1、2、3、4、5、6、7 等 10 项")]),
        ({"finding": {"home_safe": False, "losses_yuan": {"crop": 900}}},
         [("核实结果", "住房安全 否，损失（元） 庄稼 900")]),
        ({"changed": ["capacity", "unheard"]}, [("改动", "可容纳（人）、unheard")]),
        ({"version": 1200, "unheard": "x", "note": "", "why": None, "codes": []}, [("版本", "1200"), ("unheard", "x")]),
    ],
)  # fmt: skip
def test_what_a_line_says_reads_as_words(payload, wanted):
    assert told(payload) == wanted


def test_departments_places_and_events_are_called_by_their_names():
    assert told({"owner": "housing", "division": "360123101201"}, housing="住建局") == [
        ("责任单位", "住建局"), ("区划", "360123101201")
    ]  # fmt: skip


def test_what_a_line_is_about_is_a_word_and_its_parts():
    about = "measure:EV20260618-rainstorm-1/36012310120100005/farm_inputs"
    assert saying.noun(about) == "帮扶措施"
    assert saying.parts(about) == ["EV20260618-rainstorm-1", "36012310120100005", "farm_inputs"]
    assert (saying.noun("thing:1"), saying.parts("thing")) == ("thing", [])


def test_it_is_said_in_the_readers_language():
    with translation.override("en"):
        assert told({"consent": True}) == [("Consent signed", "yes")]


@pytest.mark.parametrize("payload", ["", "{half", "[1]", "3", "null"])
def test_a_line_that_says_nothing_in_order_says_nothing_here(payload):
    assert saying.said(payload) == []


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_nothing_that_was_written_is_left_out(payload):
    assert len(told(payload)) == sum(value not in (None, "", [], {}) for value in payload.values())


def keys() -> set[str]:
    """The names under which any deed writes something into its line, as far as they stand in the code."""
    found = set()
    for path in COUNTY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                found |= {each.arg for each in node.keywords if each.arg} - {"about", "by"}
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Line":
                inner = [each for part in node.args for each in ast.walk(part) if isinstance(each, ast.Dict)]
                found |= {key.value for each in inner for key in each.keys if isinstance(key, ast.Constant)}
    return found


def test_every_name_that_a_deed_writes_has_a_word():
    assert len(keys()) > 100
    assert sorted(keys() - set(labels.LABELS)) == []
