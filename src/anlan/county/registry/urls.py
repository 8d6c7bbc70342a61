"""The register's screens."""

from django.urls import path, re_path

from anlan.county.registry import views
from anlan.county.registry.life import views as life
from anlan.county.registry.mending import views as mending
from anlan.county.registry.shelters import views as shelters

app_name = "registry"
urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("unmask/<str:code>/", views.unmask, name="unmask"),
    path("import/", views.upload, name="upload"),
    path("export/", views.export, name="export"),
    path("import/<int:pk>/", views.batch, name="batch"),
    path("import/<int:pk>/columns/", views.columns, name="columns"),
    path("import/<int:pk>/refused.xlsx", views.returned, name="returned"),
    re_path(r"^import/(?P<pk>[0-9]+)/(?P<deed>confirm|discard|undo)/$", views.decide, name="decide"),
    path("template/", views.template, name="template"),
    path("quality/", life.check, name="quality"),
    path("mendings/", mending.mendings, name="mendings"),
    path("mendings/<int:pk>/", mending.accept, name="accept"),
    path("doubles/", life.doubles, name="doubles"),
    path("doubles/<str:first>/<str:second>/", life.pair, name="pair"),
    re_path("^(?P<what>shelters|schools)/list/$", shelters.take_in, name="take_in"),
    path("shelters/", shelters.shelters, name="shelters"),
    path("shelters/add/", shelters.add_shelter, name="add_shelter"),
    path("shelters/<str:code>/", shelters.shelter, name="shelter"),
    path("shelters/<str:code>/assign/", shelters.assign, name="assign_shelter"),
    path("shelters/<str:code>/close/", shelters.close_shelter, name="close_shelter"),
    path("schools/", shelters.schools, name="schools"),
    path("schools/<int:pk>/", shelters.school, name="school"),
    path("schools/<int:pk>/close/", shelters.close_school, name="close_school"),
    path("life/<str:code>/", life.life, name="life"),
    path("life/<int:pk>/take-back/", life.take_back, name="take_back"),
]
