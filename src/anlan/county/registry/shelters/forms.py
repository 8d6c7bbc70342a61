"""A shelter, who goes there, a school, and a file of either."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.county.office.models import Division, User
from anlan.county.registry.shelters.records import SchoolRecord, ShelterRecord
from anlan.county.registry.sites import School, Shelter
from anlan.engine.audience.closer import SHORT_UNITS

MOST_BYTES = 5 * 1024 * 1024


def _places(user: User, *levels: str) -> Any:
    return Division.objects.visible_to(user).filter(level__in=levels).select_related("parent").order_by("code")


class Place(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none when it runs
    """A village with its township's name, or a township."""

    def label_from_instance(self, obj: Division) -> str:
        return f"{obj.parent.name} {obj.name}" if obj.level == "village" and obj.parent else obj.name


class ShelterForm(forms.Form):
    """What is known of a shelter."""

    division = Place(Division.objects.none(), label=_("所在村或乡镇"))
    name = forms.CharField(label=_("安置点名称"), max_length=40)
    short = forms.CharField(
        label=_("简称"), max_length=SHORT_UNITS, required=False,
        help_text=_("不超过 12 个字，短信里放不下全名时用；名称本身不长的可不填。"),
    )  # fmt: skip
    capacity = forms.IntegerField(label=_("可容纳人数"), min_value=0, max_value=1_000_000, required=False)
    lon = forms.FloatField(label=_("经度"), required=False)
    lat = forms.FloatField(label=_("纬度"), required=False)

    def __init__(self, *words: Any, user: User, **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["division"].queryset = _places(user, "village", "township")  # type: ignore[attr-defined]

    def record(self) -> ShelterRecord:
        """What was written, once it is valid."""
        said = self.cleaned_data
        return ShelterRecord(
            said["division"].code, *(said[name] for name in ("name", "short", "capacity", "lon", "lat"))
        )

    @staticmethod
    def of(shelter: Shelter) -> dict[str, Any]:
        """What the form shows of one that is there."""
        shown = {name: getattr(shelter, name) for name in ("name", "capacity", "lon", "lat")}
        short = shelter.short if shelter.short != shelter.name else ""
        return {"division": shelter.division_id, "short": short, **shown}


class WayForm(forms.Form):
    """A village or one of its groups, and the way it takes."""

    village = Place(Division.objects.none(), label=_("转移村"))
    group_no = forms.IntegerField(
        label=_("村民小组"), min_value=0, max_value=999, required=False, help_text=_("不填：全村没有另行安排的组。")
    )
    route = forms.CharField(label=_("转移路线"), max_length=60, required=False, help_text=_("例如：村东水泥路过桥。"))

    def __init__(self, *words: Any, user: User, **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["village"].queryset = _places(user, "village")  # type: ignore[attr-defined]


class SchoolForm(forms.Form):
    """What is known of a school."""

    division = Place(Division.objects.none(), label=_("所在村或乡镇"))
    name = forms.CharField(label=_("学校名称"), max_length=40)
    kind = forms.ChoiceField(label=_("类别"), choices=[("school", _("学校")), ("kindergarten", _("幼儿园"))])
    phone = forms.CharField(label=_("值班电话"), max_length=20, required=False)
    pupils = forms.IntegerField(label=_("学生人数"), min_value=0, max_value=1_000_000, required=False)

    def __init__(self, *words: Any, user: User, **more: Any) -> None:
        super().__init__(*words, **more)
        self.fields["division"].queryset = _places(user, "village", "township")  # type: ignore[attr-defined]

    def record(self) -> SchoolRecord:
        """What was written, once it is valid."""
        said = self.cleaned_data
        return SchoolRecord(said["division"].code, *(said[name] for name in ("name", "kind", "phone", "pupils")))

    @staticmethod
    def of(school: School) -> dict[str, Any]:
        """What the form shows of one that is there."""
        shown = {name: getattr(school, name) for name in ("name", "kind", "phone", "pupils")}
        return {"division": school.division_id, **shown}


class Listing(forms.Form):
    """A file of shelters or of schools."""

    file = forms.FileField(
        label=_("文件"), help_text=_("xlsx、xls 或 csv，一行一条。有一处不对就都不写入。"),
        widget=forms.FileInput({"accept": ".xlsx,.xls,.csv"}),
    )  # fmt: skip

    def clean_file(self) -> Any:
        """No list of a county's places is larger."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 5 MB。"))
        return file
