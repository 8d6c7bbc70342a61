"""The field's words for the codes in the tables, as a family of codes and the code: `("case", "review")`."""

from collections.abc import Mapping

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from anlan.county.assist import rules as assist
from anlan.county.clear import rules as clear
from anlan.county.decide import rules as decide
from anlan.county.desk import deeds
from anlan.county.discover import rules as discover
from anlan.county.foresee import rules as foresee
from anlan.county.office.roles import ROLES
from anlan.county.verify import rules as verify
from anlan.county.verify.consent import rules as consent
from anlan.county.warn import rules as warn

Words = Mapping[str, str | Promise]

CATEGORY: Words = {
    "ex_poor": _("脱贫户"),
    "subsistence": _("低保户"),
    "destitute": _("特困供养户"),
    "disabled": _("残疾人家庭"),
    "low_income": _("低收入户"),
    **decide.CATEGORIES,
}
RELATION: Words = {
    "head": _("户主"),
    "spouse": _("配偶"),
    "child": _("子女"),
    "parent": _("父母"),
    "grandparent": _("祖父母"),
    "grandchild": _("孙子女"),
    "sibling": _("兄弟姐妹"),
    "other": _("其他"),
}
HEALTH: Words = {
    "healthy": _("健康"),
    "chronic": _("慢性病"),
    "grave": _("大病"),
    "disabled": _("残疾"),
}
MASKED: Words = {
    "phone": _("电话"),
    "second_phone": _("第二联系人电话"),
    "id_number": _("身份证号"),
    "health": _("健康状况"),
}
UNMASKING: Words = {
    "identity": _("核对身份"),
    "contact": _("联系本人"),
    "payment": _("发放资金"),
    "match": _("部门信息比对"),
    "complaint": _("处理信访"),
}
LABOUR: Words = {
    "ordinary": _("普通劳动力"),
    "skilled": _("技能劳动力"),
    "weak": _("弱劳动力"),
    "lost": _("丧失劳动力"),
    "none": _("无劳动力"),
}
STRUCTURE: Words = {
    "brick_concrete": _("砖混"),
    "brick_timber": _("砖木"),
    "adobe": _("土坯"),
    "timber": _("木结构"),
}
WATER: Words = {
    "central": _("集中供水"),
    "small_scheme": _("小型供水工程"),
    "well": _("水井"),
    "spring": _("山泉水"),
}
LOCATION: Words = {
    "point": _("定位到户（误差约 50 米）"),
    "group": _("定位到村民小组（误差约 400 米）"),
    "village": _("只知道在哪个村（误差约 1.5 公里）"),
    "area": _("只知道在哪个乡镇（误差约 5 公里）"),
}
HOLDING: Words = {
    "rice": _("水稻"),
    "rape": _("油菜"),
    "vegetables": _("蔬菜"),
    "fruit": _("水果"),
    "tea": _("茶叶"),
    "camellia": _("油茶"),
    "cotton": _("棉花"),
    "maize": _("玉米"),
    "sweet_potato": _("红薯"),
    "peanut": _("花生"),
    "pigs": _("生猪"),
    "cattle": _("牛"),
    "sheep": _("羊"),
    "poultry": _("家禽"),
    "fish": _("水产"),
    "bees": _("蜜蜂"),
    "crops": _("农作物"),
    "livestock": _("畜禽"),
    "equipment": _("生产设备"),
}
CLOCK: Words = {
    "alert": _("处理预警"),
    "intake": _("线索受理"),
    "visit": _("入户核实"),
    "revisit": _("再次入户"),
    "match": _("信息比对"),
    "opinion": _("部门认定意见"),
    "enquiry": _("部门协查"),
    "event_list": _("因灾报送名单"),
    "review": _("民主评议"),
    "publicity": _("村内公示"),
    "town": _("乡镇审核"),
    "county": _("县级审批"),
    "notice": _("公告"),
    "total": _("从发现到认定"),
    "formalities": _("先行帮扶后补齐手续"),
    "measures": _("制定帮扶措施"),
    "measure": _("落实帮扶措施"),
    "sweep": _("逐户排查"),
    "inspection": _("落实整改"),
    "list": _("报送部门名单"),
    "check": _("月度跟踪"),
    "clear_visit": _("消除核查"),
    "clear_review": _("消除评议"),
    "clear_publicity": _("消除公示"),
    "clear_town": _("消除审核"),
    "clear_county": _("消除审批"),
    "recheck": _("消除后复核"),
    "mending": _("改正名册数据"),
    "cover": _("补上的时限"),
}
KIND: Words = {key: lazy(lambda kind: kind.title, str)(kind) for key, kind in assist.CATALOGUE.items()}

FAMILIES: Mapping[str, Words] = {
    "category": CATEGORY,
    "relation": RELATION,
    "health": HEALTH,
    "masked": MASKED,
    "unmasking": UNMASKING,
    "labour": LABOUR,
    "structure": STRUCTURE,
    "water": WATER,
    "location": LOCATION,
    "holding": HOLDING,
    "group": warn.GROUPS,
    "basis": foresee.BASES,
    "outcome_chance": foresee.OUTCOMES,
    "term": foresee.TERMS,
    "stage": foresee.STAGES,
    "intensity": foresee.INTENSITIES,
    "asset": foresee.ROOTS,
    "asset_unit": foresee.UNITS,
    "door": discover.DOORS,
    "inspection": discover.INSPECTIONS,
    "through": discover.THROUGH,
    "signer": consent.RELATIONS,
    "visit": verify.OUTCOMES,
    "absence": verify.ABSENCES,
    "harm": {**verify.LOSSES, **discover.KINDS},
    "axis": decide.AXES,
    "case": decide.STATES,
    "measure": assist.STATES,
    "kind": KIND,
    "release": discover.RELEASES,
    "clock": CLOCK,
    "unit": decide.OWNERS,
    "lead": discover.STATES,
    "outcome": discover.OUTCOMES,
    "clearance": clear.STATES,
    "audience": warn.TITLES,
    "warning": warn.STATES,
    "message_kind": warn.KINDS,
    "unreached": warn.UNREACHED,
    "deed": deeds.DEEDS,
    "message": deeds.MESSAGE,
    "role": {key: role.title for key, role in ROLES.items()},
    "move": decide.MOVES,
    "clear_move": clear.MOVES,
}


def word(family: str, code: str) -> str:
    """The word for a code of a family; the code itself where the family does not know it."""
    return str(FAMILIES[family].get(code, code))
