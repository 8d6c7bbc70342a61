"""Looking for a log-in, giving a post, letting somebody in again."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.office.actions import Post
from anlan.county.office.models import Department, Division, User
from anlan.county.office.roles import ROLES

STATES = {
    "held": _("在岗"), "locked": _("暂停登录"), "single": _("在岗、没有绑定手机"), "ended": _("已免去全部岗位"),
}  # fmt: skip
USERNAME = RegexValidator(r"^[A-Za-z0-9._-]+\Z", _("用户名只能用字母、数字、点、横线和下划线。"))


def _roles() -> list[tuple[str, Any]]:
    return [(key, role.title) for key, role in ROLES.items()]


class Sought(forms.Form):
    """Which log-ins are looked for."""

    words = forms.CharField(label=_("姓名或用户名"), required=False, max_length=60)
    role = forms.ChoiceField(label=_("岗位"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[("", _("全部")), *STATES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("全部")), *_roles()]  # type: ignore[attr-defined]


class Appointing(forms.Form):
    """A post for somebody, new or known."""

    username = forms.CharField(label=_("用户名"), max_length=60, validators=[USERNAME])
    name = forms.CharField(label=_("姓名"), max_length=60, help_text=_("已有账号的，以登记的姓名为准。"))
    role = forms.ChoiceField(label=_("岗位"))
    division = forms.ChoiceField(label=_("区划"))
    department = forms.ChoiceField(label=_("所在部门"), required=False, help_text=_("部门经办人请选择。"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Division.objects.visible_to(user).exclude(level__in=("province", "city")).order_by("code")
        departments = Department.objects.on(clock.today()).order_by("pk")
        for name, choices in (
            ("role", _roles()),
            ("division", list(places.values_list("code", "name"))),
            ("department", [("", _("不属于部门")), *departments.values_list("pk", "name")]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def post(self) -> Post:
        """The post, once the form is valid."""
        said = self.cleaned_data
        return Post(said["username"], said["name"], said["role"], said["division"], said["department"] or None)


class LettingIn(forms.Form):
    """What is done beside opening the log-in."""

    unbind = forms.BooleanField(label=_("解除绑定的手机（手机丢失或更换）"), required=False)
    password = forms.BooleanField(label=_("换新密码（只显示一次）"), required=False)
