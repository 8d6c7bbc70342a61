"""Departments' lists as files."""

import csv
import io

import pytest
from tests.county.storm import id_number


@pytest.fixture
def listed(tmp_path):
    """Write rows of a list, headings first, to a csv, and return its path."""

    def write(*rows, name="list.csv", encoding="utf-8"):
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


@pytest.fixture
def medical(listed):
    """A list of the medical insurance: heads of households (village, serial), each with what they paid themselves."""

    def write(*paid, more=(), name="list.csv"):
        rows = [(f"示例户{v}{s}", id_number(v, s), yuan) for v, s, yuan in paid]
        return listed(("姓名", "身份证号", "个人自付费用"), *rows, *more, name=name)

    return write
