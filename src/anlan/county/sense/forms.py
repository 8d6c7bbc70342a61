"""Taking an alert in, opening an event, ending one."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.county.office import queries as office
from anlan.county.sense.feeds.cap.gate import LARGEST_BYTES
from anlan.engine.hazard.taxonomy import HAZARDS

LEVELS = [(0, _("未定级")), (1, _("蓝色")), (2, _("黄色")), (3, _("橙色")), (4, _("红色"))]


def hazard_name(key: str) -> str:
    """A hazard in the reader's language; a key of another day as it is."""
    known = HAZARDS.get(key)
    if known is None:
        return key
    return known.name_en if (get_language() or "").startswith("en") else known.name


class Received(forms.Form):
    """An alert as a file, and whether its sender is known."""

    file = forms.FileField(label=_("预警文件"), help_text=_("CAP 1.2 格式的 XML 文件，不超过 4 MB。"))
    source = forms.CharField(label=_("从哪里收到"), max_length=120, help_text=_("例如：县气象台专线。"))
    trusted = forms.BooleanField(label=_("来源可信，已与发布单位核对"), required=False)

    def clean_file(self) -> Any:
        """Nothing larger than an alert can be."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError(_("文件不能超过 4 MB。"))
        return file


class Opened(forms.Form):
    """An event by hand: what, how bad, where."""

    hazard = forms.ChoiceField(label=_("灾种"))
    title = forms.CharField(label=_("事件名称"), max_length=160)
    level = forms.TypedChoiceField(label=_("预警等级"), choices=LEVELS, coerce=int)
    codes = forms.MultipleChoiceField(label=_("影响区域（可多选）"), widget=forms.CheckboxSelectMultiple)
    exercise = forms.BooleanField(label=_("这是演练，不向群众发送"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = office.county().division
        towns = [(town.code, town.name) for town in office.townships()]
        fields: dict[str, Any] = self.fields
        fields["codes"].choices = [(place.code, _("全县")), *towns]
        fields["hazard"].choices = [("", _("请选择")), *((key, hazard_name(key)) for key in HAZARDS)]


class Closed(forms.Form):
    """Why an event is over."""

    reason = forms.CharField(label=_("结束理由"), max_length=120)


class SetAside(forms.Form):
    """Why no event is opened from an alert."""

    reason = forms.CharField(label=_("不开启事件的理由"), max_length=120)
