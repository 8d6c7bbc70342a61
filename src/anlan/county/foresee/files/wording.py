"""What is wrong with a file, in a sentence that names the file, the column and the row."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.county.errors import BadInput
from anlan.engine.impact.faults import Invalid

WHYS = {
    "empty": gettext_lazy("没有数据"),
    "kind": gettext_lazy("的类型不对"),
    "type": gettext_lazy("不是数字"),
    "length": gettext_lazy("与其他列长度不同"),
    "missing": gettext_lazy("没有填"),
    "not_finite": gettext_lazy("不是有限的数"),
    "negative": gettext_lazy("是负数"),
    "decreasing": gettext_lazy("比前一个小，应当从小到大"),
    "above_one": gettext_lazy("大于 1"),
    "from_zero": gettext_lazy("不对：强度为 0 时损失率必须是 0"),
    "above_total": gettext_lazy("加起来大于 1；这里要的是各成员的概率"),
    "inconsistent": gettext_lazy("与其他数组对不上"),
    "twice": gettext_lazy("重复出现"),
    "unsorted": gettext_lazy("没有从小到大排列"),
    "unknown": gettext_lazy("不在已知范围内"),
    "below_one": gettext_lazy("小于 1"),
    "not_whole": gettext_lazy("不是整数"),
}

NAMES = {"weights": "frequency", "cells": "shape"}  # what a file calls it


def refusal(file: str, wrong: Invalid) -> BadInput:
    """The sentence."""
    words = {"file": file, "column": NAMES.get(wrong.column, wrong.column), "why": WHYS[wrong.why]}
    if wrong.place is None:
        return BadInput(_("%(file)s：%(column)s %(why)s。") % words)
    return BadInput(_("%(file)s：%(column)s 第 %(row)d 行%(why)s。") % {**words, "row": wrong.place + 1})


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Whatever the engine refuses within was read from this file."""
    try:
        yield
    except Invalid as wrong:
        raise refusal(path.name, wrong) from wrong


def unreadable(path: Path, error: Exception) -> BadInput:
    """The file is not there, or not of its kind."""
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return BadInput(_("%(file)s：文件打不开。") % {"file": path.name})
    return BadInput(_("%(file)s：文件损坏，或者不是所要的格式。") % {"file": path.name})
