"""Office screens."""

from django.urls import path

from anlan.county.office import views
from anlan.county.office.accounts import views as accounts

app_name = "office"
urlpatterns = [
    path("", views.duties, name="home"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("second/", views.second, name="second"),
    path("users/", accounts.users, name="users"),
    path("users/appoint/", accounts.appoint, name="appoint"),
    path("users/<int:pk>/", accounts.user, name="user"),
    path("users/<int:pk>/let-in/", accounts.let_in, name="let_in"),
    path("users/posts/<int:pk>/end/", accounts.end, name="end_post"),
    path("enter/<str:token>/", views.enter, name="enter"),
]
