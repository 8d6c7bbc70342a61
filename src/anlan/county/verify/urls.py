"""Verify screens."""

from django.urls import path

from anlan.county.verify import views
from anlan.county.verify.consent import views as consent
from anlan.county.verify.enquiring import views as enquiring
from anlan.county.verify.field import views as field
from anlan.county.verify.joint import views as joint

app_name = "verify"
urlpatterns = [
    path("", views.visits, name="home"),
    path("visits/", views.visits, name="list"),
    path("visit/<str:event>/<str:household>/", views.visit, name="visit"),
    path("finding/<str:event>/<str:household>/", views.finding, name="finding"),
    path("matching/", views.matching, name="matching"),
    path("match/", views.match, name="match"),
    path("field/", field.page, name="field_page"),
    path("field/worker.js", field.worker, name="field_worker"),
    path("field/manifest.webmanifest", field.manifest, name="field_manifest"),
    path("field/pack/", field.pack, name="field_pack"),
    path("field/send/", field.send, name="field_send"),
    path("field/devices/", field.devices, name="field_devices"),
    path("field/devices/<int:pk>/revoke/", field.revoke, name="field_revoke"),
    path("field/photo/<int:pk>/", field.photo, name="field_photo"),
    path("field/typed/", field.typed, name="field_typed"),
    path("field/handed-in/", field.handed_in, name="field_handed_in"),
    path("field/handed-in/<int:pk>/", field.choice, name="field_choice"),
    path("field/handed-in/<int:pk>/explain/", field.explain, name="field_explain"),
    path("consent/<str:event>/<str:household>/", consent.sheets, name="consents"),
    path("consent/<int:pk>/revoke", consent.revoke, name="revoke"),
    path("consent/<int:pk>/sheet", consent.see, name="see_sheet"),
    path("enquiries/", enquiring.enquiries, name="enquiries"),
    path("enquiries/ask/", enquiring.ask, name="ask"),
    path("enquiries/agree/", enquiring.agree, name="agree"),
    path("enquiries/<int:pk>/answer/", enquiring.answer, name="answer"),
    path("joint/", joint.listed, name="joints"),
    path("joint/<str:event>/", joint.joint, name="joint"),
    path("joint/<str:event>/call/", joint.call, name="call"),
    path("joint/<str:event>/opinion/", joint.opine, name="opine"),
    path("joint/<str:event>/conclude/", joint.conclude, name="conclude"),
]
