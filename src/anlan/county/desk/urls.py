"""The desk's screens."""

from django.urls import path

from anlan.county.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
]
