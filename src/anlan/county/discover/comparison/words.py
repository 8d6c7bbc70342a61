"""What topics, their values and reasons are called, and where two texts differ. No database here."""

from difflib import SequenceMatcher
from itertools import accumulate

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TOPICS = {
    "alive": gettext_lazy("是否在世"), "insured": gettext_lazy("是否参保"), "disability": gettext_lazy("残疾等级"),
    "grade": gettext_lazy("危房等级"), "village": gettext_lazy("所在村"),
}  # fmt: skip
VALUES: dict[tuple[str, str], Promise] = {
    ("alive", "yes"): gettext_lazy("在世"), ("alive", "no"): gettext_lazy("已死亡"),
    ("insured", "yes"): gettext_lazy("已参保"), ("insured", "no"): gettext_lazy("未参保"),
    ("disability", "none"): gettext_lazy("健康，无残疾"),
    ("disability", "1"): gettext_lazy("一级"), ("disability", "2"): gettext_lazy("二级"),
    ("disability", "3"): gettext_lazy("三级"), ("disability", "4"): gettext_lazy("四级"),
}  # fmt: skip
FIELDS = {
    "name": gettext_lazy("姓名"), "id": gettext_lazy("身份证号"), "sex": gettext_lazy("性别"),
    "born": gettext_lazy("出生日期"), "phone": gettext_lazy("电话"), "town": gettext_lazy("乡镇"),
    "village": gettext_lazy("村"), "house_group": gettext_lazy("村民小组"), "household": gettext_lazy("户编号"),
}  # fmt: skip
NAMES = {
    "name_same": gettext_lazy("姓名一致"), "name_sound": gettext_lazy("姓名同音"),
    "name_near": gettext_lazy("姓名音近"), "name_look": gettext_lazy("姓名形近"),
    "name_masked": gettext_lazy("姓名有遮盖"), "name_differs": gettext_lazy("姓名不同"),
    "taken": gettext_lazy("此人已与名单另一行对上"), "alike": gettext_lazy("没有别的依据"),
}  # fmt: skip
HIDDEN = {"id_number": (4, 4), "phone": (3, 4)}  # fields that are masked, and the characters shown at both ends


def value(topic: str, word: str, villages: dict[str, str]) -> str:
    """A topic's value as an official reads it."""
    return villages.get(word, word) if topic == "village" else str(VALUES.get((topic, word), word))


def reason(code: str) -> str:
    """Why a pair is proposed, in words."""
    if code in NAMES:
        return str(NAMES[code])
    field, _underscore, verdict = code.rpartition("_")
    named = {"field": str(FIELDS.get(field, field))}
    return _("%(field)s一致") % named if verdict == "same" else _("%(field)s不同") % named


def agrees(code: str) -> bool:
    """Whether a reason speaks for the pair."""
    return not code.endswith(("_differs", "taken", "alike"))


def masked(kind: str, text: str) -> str:
    """A number or a telephone with its middle hidden, as long as it is; anything else as it is."""
    if kind not in HIDDEN:
        return text
    head, tail = HIDDEN[kind] if len(text) > 10 else (0, 0)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def over(stretches: list[tuple[str, bool]], text: str) -> list[tuple[str, bool]]:
    """The same stretches of another text of that length: where they differ is shown, and not what stands there."""
    ends = list(accumulate(len(each) for each, _differs in stretches))
    return [
        (text[start:end], differs)
        for (_each, differs), start, end in zip(stretches, [0, *ends], ends, strict=False)
    ]  # fmt: skip


def marked(text: str, other: str) -> list[tuple[str, bool]]:
    """A text in stretches, each with whether the other text lacks it. All of it differs where the other is empty."""
    if not text or not other:
        return [(text, False)] if text else []
    blocks = SequenceMatcher(None, text, other, autojunk=False).get_opcodes()
    return [(text[start:end], tag != "equal") for tag, start, end, _from, _to in blocks if end > start]
