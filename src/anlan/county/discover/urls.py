"""Discover screens. Those under report/ and receipt/ are open to everyone."""

from django.urls import path

from anlan.county.discover import doors, views
from anlan.county.discover.comparison import views as comparison
from anlan.county.discover.inspecting import views as inspecting
from anlan.county.discover.leaflets import views as leaflets

app_name = "discover"
urlpatterns = [
    path("", views.inbox, name="home"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/take-in/", views.take_in, name="take_in"),
    path("lead/<str:event>/<str:household>/", views.lead, name="lead"),
    path("lead/<str:event>/<str:household>/dismiss/", views.dismiss, name="dismiss"),
    path("sweeps/", views.sweeps, name="sweeps"),
    path("sweeps/<str:event>/open/", views.open_sweeps, name="open_sweeps"),
    path("sweeps/<str:event>/<str:village>/", views.sweep, name="sweep"),
    path("sweeps/<str:event>/<str:village>/close/", views.close_sweep, name="close_sweep"),
    path("release/<str:event>/", views.release, name="release"),
    path("cadre/<str:event>/", doors.cadre, name="cadre"),
    path("screen/<str:event>/", doors.screen, name="screen"),
    path("lists/", comparison.lists, name="lists"),
    path("lists/hand-in/<str:source_key>/", comparison.hand_in, name="hand_in"),
    path("lists/asked/<int:pk>/none/", comparison.nobody, name="no_list"),
    path("lists/pairs/", comparison.pairs, name="pairs"),
    path("lists/pairs/<int:pk>/", comparison.pair, name="pair"),
    path("lists/pairs/<int:pk>/unmask/", comparison.unmask, name="unmask_pair"),
    path("lists/pairs/<int:pk>/decide/", comparison.decide, name="decide_pair"),
    path("lists/conflicts/", comparison.conflicts, name="conflicts"),
    path("lists/conflicts/register/", comparison.contradictions, name="contradictions"),
    path("lists/<int:pk>/", comparison.one, name="list"),
    path("inspections/", inspecting.inspections, name="inspections"),
    path("inspections/one/", inspecting.one, name="inspect"),
    path("inspections/list/", inspecting.hand_in, name="inspect_list"),
    path("inspections/<int:pk>/remedy/", inspecting.remedy, name="remedy"),
    path("leaflets/", leaflets.leaflets, name="leaflets"),
    path("leaflets/<str:key>/<str:village>/", leaflets.one, name="leaflet"),
    path("leaflets/<str:key>/<str:village>/word/", leaflets.word, name="leaflet_word"),
    path("report/", doors.events, name="events"),
    path("report/<str:event>/", doors.report, name="report"),
    path("from/<str:village>/", doors.from_village, name="from_village"),
    path("photo/<int:pk>/", doors.photo, name="photo"),
    path("receipt/", doors.find_receipt, name="find_receipt"),
    path("receipt/<str:key>/", doors.receipt, name="receipt"),
]
