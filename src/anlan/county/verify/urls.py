"""Verify screens."""

from django.urls import path

from anlan.county.verify import views
from anlan.county.verify.consent import views as consent
from anlan.county.verify.joint import views as joint

app_name = "verify"
urlpatterns = [
    path("", views.visits, name="home"),
    path("visits/", views.visits, name="list"),
    path("visit/<str:event>/<str:household>/", views.visit, name="visit"),
    path("finding/<str:event>/<str:household>/", views.finding, name="finding"),
    path("matching/", views.matching, name="matching"),
    path("match/", views.match, name="match"),
    path("consent/<str:event>/<str:household>/", consent.sheets, name="consents"),
    path("consent/<int:pk>/revoke", consent.revoke, name="revoke"),
    path("consent/<int:pk>/sheet", consent.see, name="see_sheet"),
    path("joint/", joint.listed, name="joints"),
    path("joint/<str:event>/", joint.joint, name="joint"),
    path("joint/<str:event>/call/", joint.call, name="call"),
    path("joint/<str:event>/opinion/", joint.opine, name="opine"),
    path("joint/<str:event>/conclude/", joint.conclude, name="conclude"),
]
