"""Office screens."""

from django.urls import path

from anlan.county.office import views

app_name = "office"
urlpatterns = [
    path("", views.duties, name="home"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("second/", views.second, name="second"),
    path("enter/<str:token>/", views.enter, name="enter"),
]
