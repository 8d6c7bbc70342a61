"""Foresee screens."""

from django.urls import path

from anlan.county.foresee import views

app_name = "foresee"
urlpatterns = [
    path("<str:code>/", views.ranked, name="ranked"),
    path("<str:code>/villages/", views.villages, name="villages"),
    path("<str:code>/visits/", views.visits, name="visits"),
    path("<str:code>/household/<str:household>/", views.explain, name="explain"),
    path("<str:code>/run/", views.foresee, name="run"),
]
