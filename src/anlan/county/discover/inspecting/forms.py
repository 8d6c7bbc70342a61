"""The forms of inspections: one finding, or a list."""

from typing import Any

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext_lazy as _

from anlan.county import clock
from anlan.county.discover import queries, rules
from anlan.county.discover.forms import by_township
from anlan.county.office.models import User
from anlan.county.registry.models import Household

DAY = {"type": "date"}


def _events() -> list[tuple[str, Any]]:
    return [("", _("无（平时排查）")), *((each.code, each.title) for each in queries.reportable_events())]


class OneFinding(forms.Form):
    """What one check found."""

    kind = forms.ChoiceField(label=_("检查类型"), choices=list(rules.INSPECTIONS.items()))
    village = forms.ChoiceField(label=_("所在村"))
    household = forms.CharField(label=_("户编号（针对一户时填）"), max_length=20, required=False)
    place = forms.CharField(label=_("地点（隐患点名称或位置）"), max_length=120, required=False)
    lon = forms.FloatField(label=_("经度（可不填）"), min_value=70, max_value=140, required=False)
    lat = forms.FloatField(label=_("纬度（可不填）"), min_value=0, max_value=60, required=False)
    found = forms.CharField(label=_("发现问题"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    danger = forms.BooleanField(label=_("危及农户：登记为线索"), required=False)
    harm = forms.MultipleChoiceField(
        label=_("危及什么（可多选）"), choices=list(rules.KINDS.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    measure = forms.CharField(label=_("要求的整改或避险措施（可不填）"), max_length=200, required=False)
    due_on = forms.DateField(
        label=_("整改时限（不填按默认）"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    on = forms.DateField(label=_("检查日期"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    office = forms.CharField(label=_("检查单位"), max_length=60)
    event = forms.ChoiceField(label=_("灾害事件"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["village"].choices = by_township(user)  # type: ignore[attr-defined]
        self.fields["event"].choices = _events()  # type: ignore[attr-defined]
        self.fields["on"].initial = clock.today()

    def clean(self) -> dict[str, Any]:
        """A household is one of the village's; a danger is to a household or around a point."""
        given: dict[str, Any] = super().clean() or {}
        code, home = given.get("household"), None
        if code:
            homes = Household.objects.visible_to(self.user).filter(division=given.get("village", ""))
            home = homes.filter(code=code).first()
            if home is None:
                self.add_error("household", _("这个村没有这一户。"))
        given["home"] = home
        points = [given.get("lon"), given.get("lat")]
        if points.count(None) == 1:
            self.add_error("lon", _("经度和纬度都要填。"))
        given["point"] = None if None in points else tuple(points)
        if given.get("danger") and not code and given["point"] is None:
            self.add_error("danger", _("危及农户的，请填户编号，或填隐患点的经纬度，程序找出周边的户。"))
        return given


class Findings(forms.Form):
    """A list of findings."""

    file = forms.FileField(
        label=_("排查清单"),
        help_text=_(
            "xlsx、xls 或 csv。列名：检查类型、村、户编号、地点、经度、纬度、发现问题、危及农户、"
            "受损情况、整改措施、整改时限、检查日期、检查单位。"
        ),
        validators=[FileExtensionValidator(["xlsx", "xls", "csv"])],
    )  # fmt: skip
    event = forms.ChoiceField(label=_("灾害事件"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].choices = _events()  # type: ignore[attr-defined]
