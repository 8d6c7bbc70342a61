"""The register's screens."""

from django.urls import path

from anlan.county.registry import views

app_name = "registry"
urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("unmask/<str:code>/", views.unmask, name="unmask"),
    path("import/", views.upload, name="upload"),
    path("template/", views.template, name="template"),
]
