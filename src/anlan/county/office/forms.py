"""The log-in form."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LogIn(forms.Form):
    """Username and password."""

    username = forms.CharField(
        label=_("用户名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(label=_("密码"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
