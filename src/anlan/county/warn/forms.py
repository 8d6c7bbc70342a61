"""Changing a warning's words, sending it back, cancelling it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.warn import rules
from anlan.engine.audience import words


class Words(forms.Form):
    """The texts of a warning. A short message holds seventy characters, whatever they are."""

    sms = forms.CharField(
        label=_("短信"), max_length=words.SMS_UNITS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("最多 70 个字。不能写农户的贫困或监测情况。"),
    )  # fmt: skip
    voice = forms.CharField(label=_("语音和大喇叭"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


class Return(forms.Form):
    """Why a warning goes back to whoever wrote it."""

    reason = forms.ChoiceField(label=_("退回理由"), choices=[("", _("请选择")), *rules.RETURNS.items()])


class Cancellation(forms.Form):
    """Why a warning is taken back."""

    reason = forms.CharField(label=_("取消理由"), max_length=120)
