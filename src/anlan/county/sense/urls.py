"""Sense screens."""

from django.urls import path

from anlan.county.sense import views

app_name = "sense"
urlpatterns = [
    path("", views.events, name="home"),
    path("events/", views.events, name="events"),
    path("events/open/", views.open_event, name="open"),
    path("events/<str:code>/", views.event, name="event"),
    path("events/<str:code>/close/", views.close, name="close"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/receive/", views.receive, name="receive"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
    path("alerts/<int:pk>/aside/", views.set_aside, name="set_aside"),
    path("alerts/<int:pk>/open/", views.open_from, name="open_from"),
]
