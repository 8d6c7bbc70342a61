"""What a department may be asked about a household. No database here."""

from django.utils.translation import gettext_lazy as _

TOPICS = {
    "household": _("户籍人口"),
    "business": _("工商登记"),
    "property": _("不动产"),
    "vehicles": _("车辆"),
    "payroll": _("财政供养"),
    "insurance": _("社保医保"),
    "claims": _("保险理赔"),
    "aid": _("已享受的救助"),
    "other": _("其他"),
}
SAID_LENGTH = 300

# The departments that support the plan's door-to-door checks, each asked by the program about the records it keeps.
DUTY = "visit"
KEPT = {
    "civil_affairs": ("household", "aid"),
    "housing": ("property",),
    "medical_insurance": ("insurance",),
    "natural_resources": ("property",),
    "public_security": ("household", "vehicles"),
    "finance": ("payroll",),
    "financial_regulation": ("claims",),
}


def about(pk: int) -> str:
    """An enquiry in the words of clocks and the ledger."""
    return f"enquiry:{pk}"
