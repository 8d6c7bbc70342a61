"""The forms of the follow-up: a monthly check, and a move of a clearance."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.clear.actions import CheckReport, Move
from anlan.county.decide.rules import AXES


class Checking(forms.Form):
    """What a cadre finds at a household under monitoring."""

    income = forms.FloatField(label=_("过去十二个月人均纯收入（元）"))
    broken = forms.MultipleChoiceField(
        label=_("哪几项没有保障"),
        required=False,
        choices=[(axis, title) for axis, title in AXES.items() if axis != "income"],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("全都有保障就不勾。收入是否达标由系统按当年参考线判断。"),
    )

    def report(self, episode_id: int) -> CheckReport:
        """The check, made now, once the form is valid."""
        said: dict[str, Any] = self.cleaned_data
        return CheckReport(episode_id, clock.now(), said["income"], tuple(said["broken"]))


class Month(forms.Form):
    """A month that is over."""

    month = forms.DateField(
        label=_("消除的月份"), input_formats=["%Y-%m"], widget=forms.DateInput({"type": "month"}, format="%Y-%m"),
        help_text=_("月底以后由系统自动抽取；也可以在这里抽取。"),
    )  # fmt: skip


class MoveOn(forms.Form):
    """Which way, from which version, and why."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=16)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    note = forms.CharField(
        label=_("意见和理由"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("不予消除或收到异议时必须写明。"),
    )

    def move(self, clearance_id: int) -> Move:
        """The wish, once the form is valid."""
        said: dict[str, Any] = self.cleaned_data
        return Move(clearance_id, said["version"], said["to"], said["note"].strip())
