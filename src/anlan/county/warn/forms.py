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


class Ticked(forms.Form):
    """What stands on a paper list that was gone through."""

    check = forms.CharField(label=_("核对码"), max_length=8, help_text=_("印在名单标题下面的四个字母。"),
                            widget=forms.TextInput({"autofocus": True, "autocomplete": "off"}))  # fmt: skip
    told = forms.CharField(label=_("已告知的序号"), max_length=2000, required=False, help_text=_("例如 1-5 8 12"))
    safe = forms.CharField(
        label=_("已平安的序号"), max_length=2000, required=False, help_text=_("已到安全处的，算已告知。")
    )
    at = forms.DateTimeField(label=_("时间"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"))
    place = forms.CharField(label=_("地点"), max_length=60, required=False)


class Return(forms.Form):
    """Why a warning goes back to whoever wrote it."""

    reason = forms.ChoiceField(label=_("退回理由"), choices=[("", _("请选择")), *rules.RETURNS.items()])


class Cancellation(forms.Form):
    """Why a warning is taken back."""

    reason = forms.CharField(label=_("取消理由"), max_length=120)
