"""Follow-up screens."""

from django.urls import path

from anlan.county.clear import views
from anlan.county.clear.recheck import views as recheck

app_name = "clear"
urlpatterns = [
    path("", views.home, name="home"),
    path("queue/", views.queue, name="queue"),
    path("rechecks/", recheck.waiting, name="rechecks"),
    path("rechecks/draw/", recheck.draw, name="draw"),
    path("rechecks/<int:pk>/", recheck.look, name="recheck"),
    path("<str:event>/<str:household>/", views.episode, name="episode"),
    path("<str:event>/<str:household>/papers.zip", views.all_papers, name="all_papers"),
    path("<str:event>/<str:household>/papers/<slug:key>/", views.paper, name="paper"),
    path("<str:event>/<str:household>/check/", views.check, name="check"),
    path("<str:event>/<str:household>/move/", views.move, name="move"),
]
