"""Warn screens."""

from django.urls import path

from anlan.county.warn import paper, views

app_name = "warn"
urlpatterns = [
    path("", views.warnings, name="home"),
    path("draft/<str:event>/", views.draft, name="draft"),
    path("tally/<str:event>/", views.tally, name="tally"),
    path("unreached/", views.unreached, name="unreached"),
    path("unreached/told/", views.acknowledge, name="acknowledge"),
    path("remarks/", views.remarks, name="remarks"),
    path("remarks/read/", views.heed, name="heed"),
    path("channels/", views.channels, name="channels"),
    path("i/<str:token>/", views.answer, name="answer"),
    path("to-approve/", views.waiting, {"state": "draft"}, name="to_approve"),
    path("to-release/", views.waiting, {"state": "approved"}, name="to_release"),
    path("alerts/feed.xml", views.feed, name="feed"),
    path("alerts/<str:identifier>.xml", views.alert, name="alert"),
    path("<str:code>/", views.warning, name="warning"),
    path("<str:code>/progress/", views.progress, name="progress"),
    path("<str:code>/report/", views.report, name="report"),
    path("<str:code>/report.docx", views.word, name="word"),
    path("<str:code>/voice.wav", views.voice, name="voice"),
    path("<str:code>/calls/", paper.calls, name="calls"),
    path("<str:code>/calls/ticks/", paper.ticks_page, name="ticks"),
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/approve/", views.approve, name="approve"),
    path("<str:code>/return/", views.send_back, name="send_back"),
    path("<str:code>/release/", views.release, name="release"),
    path("<str:code>/all-clear/", views.all_clear, name="all_clear"),
    path("<str:code>/cancel/", views.cancel, name="cancel"),
]
