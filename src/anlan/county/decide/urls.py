"""Decision screens."""

from django.urls import path

from anlan.county.decide import views
from anlan.county.decide.tables import views as tables

app_name = "decide"
urlpatterns = [
    path("", views.queue, name="home"),
    path("notice/<str:event>/<str:division>/", views.notice, name="notice"),
    path("rules/", tables.listed, name="tables"),
    path("rules/trial/", tables.trial, name="trial"),
    path("rules/sign/<int:pk>/", tables.sign, name="sign"),
    path("rules/drop/<int:pk>/", tables.drop, name="drop"),
    path("rules/<slug:table>/", tables.table, name="table"),
    path("rules/<slug:table>/<slug:row>/", tables.reword, name="reword"),
    path("<str:event>/<str:household>/", views.case, name="case"),
    path("<str:event>/<str:household>/move/", views.move, name="move"),
]
