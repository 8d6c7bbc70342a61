"""The forms of the door."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LogIn(forms.Form):
    """Username and password, and the code of a bound telephone."""

    username = forms.CharField(
        label=_("用户名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(label=_("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    code = forms.CharField(
        label=_("动态口令（没有绑定手机的不用填）"), max_length=10, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip


class Bound(forms.Form):
    """The code that a telephone shows for the secret of this page."""

    sealed = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("手机上的六位数字"), max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip
