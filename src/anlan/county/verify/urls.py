"""Verify screens."""

from django.urls import path

from anlan.county.verify import views

app_name = "verify"
urlpatterns = [
    path("", views.visits, name="home"),
    path("visits/", views.visits, name="list"),
    path("visit/<str:event>/<str:household>/", views.visit, name="visit"),
    path("finding/<str:event>/<str:household>/", views.finding, name="finding"),
    path("matching/", views.matching, name="matching"),
    path("match/", views.match, name="match"),
]
