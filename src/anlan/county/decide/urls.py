"""Decision screens."""

from django.urls import path

from anlan.county.decide import views

app_name = "decide"
urlpatterns = [
    path("", views.queue, name="home"),
    path("notice/<str:event>/<str:division>/", views.notice, name="notice"),
    path("<str:event>/<str:household>/", views.case, name="case"),
    path("<str:event>/<str:household>/move/", views.move, name="move"),
]
