"""What the columns of a workbook may be called, in Chinese or English. The first name is the one we print."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

# Of a household: written on any one of its rows, or on all of them alike.
HOUSEHOLD: dict[str, tuple[str, ...]] = {
    "household": (
        "户编号",
        "户ID",
        "户号",
        "农户编码",
        "户编码",
        "家庭编号",
        "农户编号",
        "户主编号",
        "household",
        "household id",
    ),
    "division": ("行政区划代码", "行政区划", "行政区域id", "区划代码", "村代码", "division", "division code"),
    "township": ("乡镇", "乡镇名称", "所在乡镇", "乡", "镇", "township", "town"),
    "village": ("行政村", "村", "村名", "村名称", "所在村", "行政村名称", "village"),
    "group_no": ("村民小组", "组", "小组", "组别", "group", "group no"),
    "head_name": ("户主姓名", "户主", "head", "head name"),
    "address": ("家庭住址", "住址", "地址", "详细地址", "address"),
    "phone": (
        "联系电话",
        "农户联系电话",
        "户主联系电话",
        "电话",
        "手机号",
        "手机号码",
        "联系方式",
        "phone",
        "telephone",
        "mobile",
    ),
    "second_phone": ("第二联系人电话", "第二联系电话", "备用电话", "紧急联系人电话", "second phone"),
    "lon": ("经度", "lon", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "size": ("家庭人口数", "人口数", "家庭人口", "户籍人口数", "人口", "size", "household size"),
    "labourers": ("劳动力人数", "劳动力数", "劳动力", "labourers"),
    "insured": ("是否参加农业保险", "农业保险", "是否参保农业保险", "防贫保险", "insured"),
    "water": ("水源编号", "水源代码", "water source", "water"),
    "type": ("户类型", "农户类型", "household type", "type"),
    "monitored": ("监测对象类别", "监测对象类型", "监测户类型", "监测类别", "monitored", "category"),
    "ex_poor": ("是否脱贫户", "脱贫户", "ex poor"),
    "since": ("首次识别时间", "识别监测时间", "识别时间", "风险识别时间", "since"),
    "cleared": ("风险是否消除", "是否已消除风险", "是否消除风险", "cleared"),
    "farmland_mu": ("耕地面积", "家庭耕地面积", "承包地面积", "种植面积", "耕地", "farmland", "farmland mu"),
    "orchard_mu": ("林果面积", "林果地面积", "果园面积", "orchard", "orchard mu"),
    "wage_yuan": ("工资性收入", "务工收入", "wage", "wage yuan"),
    "business_yuan": ("生产经营性收入", "经营性收入", "生产经营收入", "business", "business yuan"),
    "crop_yuan": ("种植业收入", "种植收入", "crop", "crop yuan"),
    "fruit_yuan": ("林果业收入", "林果收入", "fruit", "fruit yuan"),
    "livestock_yuan": ("养殖业收入", "养殖收入", "livestock", "livestock yuan"),
    "business_cost_yuan": ("生产经营性支出", "生产经营支出", "经营性支出", "business cost", "business cost yuan"),
    "property_yuan": ("财产性收入", "property", "property yuan"),
    "transfer_yuan": ("转移性收入", "transfer", "transfer yuan"),
    "rigid_yuan": (
        "合规自付支出",
        "合规自负支出",
        "其他合规自负支出",
        "其他合规自付支出",
        "刚性支出",
        "rigid",
        "rigid yuan",
    ),
    "savings_yuan": ("存款", "家庭存款", "储蓄", "savings", "savings yuan"),
    "equipment_yuan": ("生产设备价值", "设备价值", "农机价值", "equipment", "equipment yuan"),
    "structure": ("房屋结构", "住房结构", "结构类型", "structure"),
    "grade": ("危房等级", "房屋等级", "鉴定等级", "grade"),
    "area_m2": ("住房面积", "房屋面积", "建筑面积", "area", "area m2"),
    "storeys": ("层数", "房屋层数", "storeys"),
    "built": ("建成年份", "建造年份", "建房年份", "built", "year built"),
    "home_yuan": ("房屋价值", "住房价值", "home value", "home yuan"),
}

# Of a person.
PERSON: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "成员姓名", "家庭成员姓名", "name"),
    "id_number": (
        "身份证号", "证件号码", "证件号", "身份证号码", "身份证", "公民身份号码",
        "户主身份证号", "户主证件号码",
        "id number", "id",
    ),
    "relation": ("与户主关系", "关系", "户主关系", "relation"),
    "sex": ("性别", "户主性别", "sex", "gender"),
    "born": ("出生日期", "出生年月日", "生日", "born", "birth date", "date of birth"),
    "health": ("健康状况", "health"),
    "labour": ("劳动技能", "劳动能力", "labour"),
    "student": ("在校生状况", "在校生情况", "是否在校生", "student"),
    "medically_insured": (
        "是否参加居民医保", "是否参加居民医疗保险", "是否参加城乡居民基本医疗保险",
        "是否参加医保", "基本医保", "medically insured",
    ),
    "subsistence": ("是否享受最低生活保障", "是否低保", "低保", "是否享受低保", "subsistence"),
    "destitute": ("是否特困供养人员", "是否特困", "特困", "destitute"),
    "disability": ("残疾类别", "残疾证号", "残疾等级", "是否残疾", "disability"),
}  # fmt: skip

FIELDS = HOUSEHOLD | PERSON
_UNIT = re.compile(r"\([^()]*\)$")


def normal(heading: object) -> str:
    """A heading without spaces, stars, colons, a unit in brackets, case or the width of its letters."""
    text = unicodedata.normalize("NFKC", str(heading or ""))
    text = "".join(text.split()).strip("*:").replace("_", "").lower()
    return _UNIT.sub("", text) or text


_KNOWN = {normal(name): field for field, names in FIELDS.items() for name in names}
_RANKS = {field: {normal(name): rank for rank, name in enumerate(names)} for field, names in FIELDS.items()}
NOTHING_KNOWN: dict[str, str] = {}


def places(headings: Sequence[object], learned: Mapping[str, str] = NOTHING_KNOWN) -> dict[str, int]:
    """Where each known field stands in a row of headings. Of two names for one field the preferred one counts.

    `learned` are a department's own names, by their normal form; they come before ours, and an empty field
    means: pass this column over.
    """
    found: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = normal(heading)
        field = learned.get(key, _KNOWN.get(key))
        if not field:
            continue
        rank = -1 if key in learned else _RANKS[field][key]
        if rank < ranks.get(field, 1000):
            found[field], ranks[field] = place, rank
    return found


def joined(above: Sequence[object], below: Sequence[object], learned: Mapping[str, str] = NOTHING_KNOWN) -> list[str]:
    """Two rows of headings as one: the longest name that is known, else the lower one."""
    wide = max(len(above), len(below))
    upper, lower = ([*row, *([None] * (wide - len(row)))] for row in (above, below))
    return [
        _name(str(over or "").strip(), str(under or "").strip(), learned)
        for over, under in zip(upper, lower, strict=True)
    ]


def _name(over: str, under: str, learned: Mapping[str, str]) -> str:
    if not under or under == over:
        return over
    candidates = [over + under, under]
    return next((name for name in candidates if places([name], learned)), under)


def missing(found: dict[str, int]) -> list[str]:
    """The headings a sheet cannot do without and does not have, by the name we print."""
    if "household" in found and not found.keys() & {"name", "head_name", "id_number", "relation"}:
        return []  # a form of facts about households that are known by their number
    lacking = [FIELDS["id_number"][0]] if "id_number" not in found else []
    if not found.keys() & {"name", "head_name"}:
        lacking.append(FIELDS["name"][0])
    if not found.keys() & {"division", "village"}:
        lacking.append(FIELDS["division"][0])
    # Without it, a sheet of persons could only be guessed into households.
    if "relation" in found and "household" not in found:
        lacking.append(FIELDS["household"][0])
    return lacking
