"""The words of the national system's lists (全国防返贫监测信息系统), and what the registry calls them.

The order matters where a cell combines several: the gravest is listed first.
"""

SEX = {"男": "m", "女": "f", "男性": "m", "女性": "f", "m": "m", "f": "f", "male": "m", "female": "f"}

RELATION = {
    "户主": "head", "本人": "head", "head": "head",
    "配偶": "spouse", "妻子": "spouse", "丈夫": "spouse", "妻": "spouse", "夫": "spouse", "spouse": "spouse",
    "外孙": "grandchild", "曾孙": "grandchild", "孙子": "grandchild", "孙女": "grandchild", "grandchild": "grandchild",
    "儿媳": "child", "女婿": "child", "之子": "child", "之女": "child", "儿子": "child", "女儿": "child",
    "长子": "child", "次子": "child", "三子": "child", "长女": "child", "次女": "child", "三女": "child",
    "子": "child", "女": "child", "child": "child",
    "祖父": "grandparent", "祖母": "grandparent", "爷爷": "grandparent", "奶奶": "grandparent",
    "grandparent": "grandparent",
    "岳父": "parent", "岳母": "parent", "公公": "parent", "婆婆": "parent", "父亲": "parent", "母亲": "parent",
    "之父": "parent", "之母": "parent", "父": "parent", "母": "parent", "parent": "parent",
    "兄弟媳妇": "other", "兄弟": "sibling", "姐妹": "sibling", "兄": "sibling", "弟": "sibling", "姐": "sibling",
    "妹": "sibling", "哥哥": "sibling", "弟弟": "sibling", "姐姐": "sibling", "妹妹": "sibling", "sibling": "sibling",
    "侄儿": "other", "侄女": "other", "叔伯": "other", "其他": "other", "其它": "other", "other": "other",
}  # fmt: skip

HEALTH = {
    "残疾": "disabled", "disabled": "disabled",
    "大病": "grave", "重病": "grave", "grave": "grave",
    "慢性病": "chronic", "慢病": "chronic", "chronic": "chronic",
    "健康": "healthy", "良好": "healthy", "正常": "healthy", "healthy": "healthy",
}  # fmt: skip

LABOUR = {
    "丧失劳动力": "lost", "丧失": "lost", "lost": "lost",
    "弱劳动力": "weak", "半劳动力": "weak", "弱": "weak", "weak": "weak",
    "无劳动力": "none", "无": "none", "none": "none",
    "技能劳动力": "skilled", "技能": "skilled", "skilled": "skilled",
    "普通劳动力": "ordinary", "普通": "ordinary", "有": "ordinary", "ordinary": "ordinary",
}  # fmt: skip
ABLE = frozenset({"ordinary", "skilled", "weak"})

STRUCTURE = {
    "砖混": "brick_concrete", "钢混": "brick_concrete", "钢筋混凝土": "brick_concrete", "框架": "brick_concrete",
    "砖瓦": "brick_timber", "砖木": "brick_timber", "砖石": "brick_timber",
    "土坯": "adobe", "土木": "adobe", "泥": "adobe", "夯土": "adobe", "生土": "adobe",
    "木": "timber", "竹": "timber",
    "brick_concrete": "brick_concrete", "brick_timber": "brick_timber", "adobe": "adobe", "timber": "timber",
    "其他": "", "其它": "", "未知": "",
}  # fmt: skip

GRADE = {"a": "A", "b": "B", "c": "C", "d": "D", "a级": "A", "b级": "B", "c级": "C", "d级": "D", "无": "", "未鉴定": ""}

MONITORED = {
    "脱贫不稳定": "unstable", "边缘易致贫": "marginal", "突发严重困难": "hardship",
    "unstable": "unstable", "marginal": "marginal", "hardship": "hardship",
    "无": "none", "否": "none", "一般农户": "none", "none": "none",  # said to be none: more than nothing said
}  # fmt: skip

TYPE = {
    **{word: kind for word, kind in MONITORED.items() if kind != "none"},
    "脱贫户": "ex_poor", "建档立卡": "ex_poor", "ex_poor": "ex_poor",
    "特困": "destitute", "五保": "destitute", "destitute": "destitute",
    "低保边缘": "low_income", "低收入": "low_income", "low_income": "low_income",
    "低保": "subsistence", "subsistence": "subsistence",
    "残疾": "disabled", "disabled": "disabled",
    "监测": "",  # which kind of monitored household stands in its own column
    "一般农户": "", "一般户": "", "普通农户": "", "普通户": "", "general": "",
}  # fmt: skip

# And back: the national word for what the registry calls it.
SEX_WORDS = {"m": "男", "f": "女"}
MONITORED_WORDS = {"unstable": "脱贫不稳定户", "marginal": "边缘易致贫户", "hardship": "突发严重困难户"}
HEALTH_WORDS = {"healthy": "健康", "chronic": "长期慢性病", "grave": "患有大病", "disabled": "残疾"}
LABOUR_WORDS = {
    "ordinary": "普通劳动力", "skilled": "技能劳动力", "weak": "弱劳动力或半劳动力", "lost": "丧失劳动力",
    "none": "无劳动力",
}  # fmt: skip
STRUCTURE_WORDS = {"brick_concrete": "砖混", "brick_timber": "砖木", "adobe": "土坯", "timber": "木"}
_RELATIONS = {
    "head": ("户主", "户主"), "spouse": ("配偶", "配偶"), "child": ("之子", "之女"), "grandchild": ("之孙子", "之孙女"),
    "parent": ("之父", "之母"), "grandparent": ("之祖父", "之祖母"), "sibling": ("之兄弟姐妹", "之兄弟姐妹"),
    "other": ("其他", "其他"),
}  # fmt: skip


def relation(kind: str, sex: str) -> str | None:
    """The national word for a relation to the head; None for one that it has no word for."""
    words = _RELATIONS.get(kind)
    return words[sex == "f"] if words else None
