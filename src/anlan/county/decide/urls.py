"""Decision screens."""

from django.urls import path

from anlan.county.decide import views
from anlan.county.decide.papers import views as papers
from anlan.county.decide.tables import views as tables

app_name = "decide"
urlpatterns = [
    path("", views.queue, name="home"),
    path("notice/<str:event>/<str:division>/", views.notice, name="notice"),
    path("templates/", papers.templates, name="templates"),
    path("templates/<slug:key>.docx", papers.template_word, name="template_word"),
    path("templates/<slug:key>/", papers.put_template, name="put_template"),
    path("templates/<slug:key>/drop/", papers.drop_template, name="drop_template"),
    path("rules/", tables.listed, name="tables"),
    path("rules/trial/", tables.trial, name="trial"),
    path("rules/sign/<int:pk>/", tables.sign, name="sign"),
    path("rules/drop/<int:pk>/", tables.drop, name="drop"),
    path("rules/<slug:table>/", tables.table, name="table"),
    path("rules/<slug:table>/<slug:row>/", tables.reword, name="reword"),
    path("notice/<str:event>/<str:division>/papers.zip", papers.board, name="board"),
    path("<str:event>/<str:household>/", views.case, name="case"),
    path("<str:event>/<str:household>/explained/", views.explained, name="explained"),
    path("<str:event>/<str:household>/papers/", papers.papers, name="papers"),
    path("<str:event>/<str:household>/papers/all.zip", papers.all_papers, name="all_papers"),
    path("<str:event>/<str:household>/papers/<slug:key>.docx", papers.paper_word, name="paper_word"),
    path("<str:event>/<str:household>/papers/<slug:key>/", papers.paper, name="paper"),
    path("<str:event>/<str:household>/move/", views.move, name="move"),
]
