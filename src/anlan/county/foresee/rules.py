"""The words of an estimate: terms, stages of crops, intensities, outcomes. No database here."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OUTCOMES: Mapping[str, Promise] = {
    "p_below": _("收入低于监测线"),
    "p_below_after_spending": _("扣除必须支出后低于监测线"),
    "p_home": _("住房不安全"),
    "p_water": _("饮水不安全"),
}
TERMS: Mapping[str, Promise] = {
    "income": _("登记的家庭年纯收入"),
    "crop": _("农作物损失"),
    "livestock": _("畜禽损失"),
    "stock": _("物资设备损失"),
    "work": _("误工损失"),
    "insurance": _("保险赔付"),
    "relief": _("救助"),
    "rigid": _("必须的支出"),
    "debt": _("到期债务"),
    "house": _("住房修建费用"),
    "spread": _("同样强度下各户损失不一"),
    "error": _("登记收入可能有误差"),
    "home_unsafe": _("住房受损到不安全"),
    "water_unsafe": _("水源受损到不安全"),
}
STAGES: Mapping[str, Promise] = {
    "seedling": _("苗期"),
    "tillering": _("分蘖期"),
    "booting": _("孕穗期"),
    "heading": _("抽穗期"),
    "flowering": _("花期"),
    "filling": _("灌浆或果实膨大期"),
    "ripe": _("成熟期"),
    "fallow": _("收后，地里是下一茬"),
    "dormant": _("休眠期"),
    "standing": _("在地"),
}
INTENSITIES: Mapping[str, Promise] = {
    "flood_depth_m": _("淹没水深（米）"),
    "flood_days": _("淹没天数"),
    "gust_ms": _("阵风（米/秒）"),
    "hail_mm": _("冰雹直径（毫米）"),
    "rain24h_mm": _("24小时雨量（毫米）"),
    "tmin_c": _("最低气温（℃）"),
    "freeze_days": _("冰冻天数"),
    "pga_g": _("峰值加速度（g）"),
    "landslide_zone": _("滑坡影响区"),
    "drought_index": _("干旱指数（绝对值）"),
    "outage_days": _("停水天数"),
    "severity": _("灾害强度（0—5级）"),
}
BASES: Mapping[str, Promise] = {
    "alert": _("预警信号的等级"),
    "gauges": _("测站实况"),
    "forecast": _("集合预报"),
}
UNITS: Mapping[str, Promise] = {
    "house": _("处"), "mu": _("亩"), "head": _("头、只"), "set": _("套"), "worker": _("个劳动力"), "source": _("处"),
}  # fmt: skip
ROOTS: Mapping[str, Promise] = {
    "house": _("住房"), "crop": _("农作物"), "livestock": _("畜禽"), "stock": _("生产设备"), "labour": _("务工收入"),
    "water": _("饮水水源"),
}  # fmt: skip
VISITS_MOST = 5000  # visits that can be planned at once
