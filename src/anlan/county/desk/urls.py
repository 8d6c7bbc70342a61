"""The desk's screens."""

from django.urls import path

from anlan.county.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("household/<str:code>/", views.household, name="household"),
    path("map/<str:code>/", views.event_map, name="map"),
    path("map/<str:code>/layers.json", views.map_layers, name="map_layers"),
    path("map/<str:code>/households.json", views.map_households, name="map_households"),
    path("language/", views.language, name="language"),
]
