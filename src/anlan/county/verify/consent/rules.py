"""Who may sign for a household. No database here."""

from django.utils.translation import gettext_lazy as _

RELATIONS = {
    "head": _("户主本人"),
    "member": _("家庭成员"),
    "kin": _("亲属代签"),
    "guardian": _("监护人代签"),
    "cadre": _("村干部代签"),
}
PROXIES = frozenset({"kin", "guardian", "cadre"})
PHOTO_BYTES = 8 << 20
PHOTOS = ("jpeg", "png")
