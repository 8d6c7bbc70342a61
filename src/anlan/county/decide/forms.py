"""The form that moves a case on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.decide.actions import Move
from anlan.county.decide.rules import CATEGORIES


class MoveOn(forms.Form):
    """Which way, from which version, and why."""

    to = forms.CharField(widget=forms.HiddenInput, max_length=16)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    category = forms.ChoiceField(
        label=_("监测对象类别"),
        required=False,
        choices=[("", _("按系统建议")), *CATEGORIES.items()],
        help_text=_("只在与系统建议不同时改选。"),
    )
    note = forms.CharField(
        label=_("意见和理由"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("与系统建议不一致、收到异议或不予纳入时必须写明。"),
    )

    def move(self, case_id: int) -> Move:
        """The wish, once the form is valid."""
        said: dict[str, Any] = self.cleaned_data
        return Move(case_id, said["version"], said["to"], said["note"].strip(), said["category"])
