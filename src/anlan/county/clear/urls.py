"""Follow-up screens."""

from django.urls import path

from anlan.county.clear import views

app_name = "clear"
urlpatterns = [
    path("", views.home, name="home"),
    path("queue/", views.queue, name="queue"),
    path("<str:event>/<str:household>/", views.episode, name="episode"),
    path("<str:event>/<str:household>/check/", views.check, name="check"),
    path("<str:event>/<str:household>/move/", views.move, name="move"),
]
