"""Accountability screens."""

from django.urls import path

from anlan.county.account import views

app_name = "account"
urlpatterns = [
    path("", views.home, name="home"),
    path("late/", views.late, name="late"),
    path("ledger/", views.ledger, name="ledger"),
    path("coverage/<str:code>/", views.coverage, name="coverage"),
    path("coverage/<str:code>/prove/", views.prove, name="prove"),
    path("coverage/<str:code>/list/", views.export, name="export"),
    path("coverage/<str:code>/<str:village>/", views.village, name="village"),
    path("proof/<str:sha>/", views.proof, name="proof"),
    path("hindsight/<str:code>/", views.hindsight, name="hindsight"),
    path("hindsight/<str:code>/make/", views.look_back, name="look_back"),
    path("report/<str:code>/make/", views.make, name="make"),
    path("report/<str:sha>/", views.report, name="report"),
    path("report/<str:sha>/word/", views.word, name="word"),
]
