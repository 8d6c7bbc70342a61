"""The visit form: what was seen at the door, and what was found where harm was done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from anlan.county.discover import rules as leads
from anlan.county.discover.models import Lead
from anlan.county.office.models import User
from anlan.county.verify import causes, rules
from anlan.county.verify.actions import NOTE_LENGTH, FindingReport, VisitReport
from anlan.county.verify.models import Finding
from anlan.county.verify.queries import Known

LOSS = "loss_"
MOST_YUAN = 1e8
SECURED = [("1", _("没有问题")), ("0", _("有问题"))]


@dataclass(frozen=True, slots=True)
class Part:
    """The questions of one cause, and whether they stand open."""

    title: str
    fields: list[forms.BoundField]
    open: bool


def _number(title: Any, most: float) -> forms.FloatField:
    return forms.FloatField(label=title, required=False, min_value=0, max_value=most)


class VisitForm(forms.Form):
    """One visit. The finding's part counts only where the outcome is harm."""

    uuid = forms.CharField(widget=forms.HiddenInput, validators=[RegexValidator(r"^[0-9a-f-]{36}$")])
    outcome = forms.ChoiceField(label=_("入户结果"), choices=list(rules.OUTCOMES.items()), widget=forms.RadioSelect)
    consent = forms.BooleanField(label=_("已签《承诺授权查询书》"), required=False)
    again_on = forms.DateField(
        label=_("家中无人的，下次入户日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("备注（可不填）"), max_length=NOTE_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    why = forms.ChoiceField(
        label=_("没有见到人的原因"), choices=list(rules.ABSENCES.items()), widget=forms.RadioSelect, required=False
    )
    home_grade = forms.ChoiceField(
        label=_("房屋鉴定等级"), required=False,
        choices=[("", _("未鉴定")), *((grade, grade) for grade in rules.GRADES if grade)],
    )  # fmt: skip
    income_per_head_yuan = forms.FloatField(
        label=_("预计今后 12 个月人均纯收入（元，扣除损失后）"),
        required=False,
        min_value=-MOST_YUAN,
        max_value=MOST_YUAN,
    )
    rigid_per_head_yuan = forms.FloatField(
        label=_("人均合规自付等刚性支出（元）"), required=False, min_value=0, max_value=MOST_YUAN
    )

    def __init__(self, *args: Any, known: Known, claimed: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claimed = set(causes.of(claimed))
        for kind, title in rules.LOSSES.items():
            self.fields[LOSS + kind] = _number(_("%(kind)s损失（元）") % {"kind": title}, MOST_YUAN)
        for axis, title in rules.AXES.items():
            self.fields[axis] = forms.ChoiceField(
                label=title, choices=SECURED, widget=forms.RadioSelect, required=False, initial="1"
            )
        for name, detail in causes.DETAILS.items():
            self.fields[name] = _number(detail.title, detail.most) if detail.choices is None else forms.ChoiceField(
                label=detail.title, choices=list(detail.choices.items()), required=False
            )  # fmt: skip
        self.initial.update(
            income_per_head_yuan=known.expected_income_per_head_yuan, rigid_per_head_yuan=known.rigid_per_head_yuan,
            home_grade=known.home_grade,
        )  # fmt: skip
        if known.finding is not None:
            self._begin_with(known.finding)

    def _begin_with(self, finding: Finding) -> None:
        """A second look begins with what the first one found."""
        self.initial.update({LOSS + kind: yuan for kind, yuan in finding.losses_yuan.items()})
        self.initial.update({axis: "1" if getattr(finding, axis) else "0" for axis in rules.AXES})
        self.initial.update(finding.details)
        losses = {LOSS + kind: yuan for kind, yuan in finding.losses_yuan.items()}
        axes = {axis: getattr(finding, axis) for axis in rules.AXES}
        self.claimed.update(causes.touched({**losses, **axes, **finding.details}))

    def parts(self) -> list[Part]:
        """The questions by cause; those of what was reported, was found before, or is wrong stand open."""
        return [
            Part(str(leads.KINDS[cause]), [self[name] for name in names],
                 cause in self.claimed or any(name in self.errors for name in names))
            for cause, names in causes.CAUSES.items()
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What each outcome asks for."""
        given = super().clean() or {}
        if given.get("outcome") == "absent" and given.get("again_on") is None:
            self.add_error("again_on", _("请填写下次入户日期。"))
        if given.get("outcome") == "harmed" and given.get("income_per_head_yuan") is None:
            self.add_error("income_per_head_yuan", _("受灾户请填写预计人均纯收入。"))
        if given.get("home_damage") in causes.SEVERE and given.get("home_safe") != "0":
            self.add_error("home_safe", _("房屋严重损坏或倒塌的，住房安全应填“有问题”。"))
        return given

    def report(self, lead: Lead, by: User, at: datetime) -> VisitReport:
        """The visit as a value for the action."""
        given = self.cleaned_data
        absent = given["outcome"] == "absent"
        again_on = given["again_on"] if absent else None
        return VisitReport(
            uuid=given["uuid"], lead_id=lead.pk, visitor_id=by.pk, at=at, outcome=given["outcome"],
            consent=given["consent"], note=given["note"], again_on=again_on, why=given["why"] if absent else "",
            finding=self._finding() if given["outcome"] == "harmed" else None,
        )  # fmt: skip

    def _finding(self) -> FindingReport:
        given = self.cleaned_data
        losses = {kind: given[LOSS + kind] for kind in rules.LOSSES if given[LOSS + kind]}
        return FindingReport(
            income_per_head_yuan=given["income_per_head_yuan"], losses_yuan=losses,
            rigid_per_head_yuan=given["rigid_per_head_yuan"] or 0.0, home_grade=given["home_grade"],
            details={name: given[name] for name in causes.DETAILS if given[name]},
            **{axis: given[axis] != "0" for axis in rules.AXES},
        )  # fmt: skip


class Income(forms.Form):
    """What the departments' data give instead of the visitor's estimate, where they differ."""

    income = forms.FloatField(required=False, min_value=-MOST_YUAN, max_value=MOST_YUAN)
