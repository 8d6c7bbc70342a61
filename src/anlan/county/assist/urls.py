"""Assistance screens."""

from django.urls import path

from anlan.county.assist import views

app_name = "assist"
urlpatterns = [
    path("", views.queue, name="home"),
    path("batch/", views.batch, name="batch"),
    path("plan/<str:event>/<str:household>/", views.plan, name="plan"),
    path("<str:event>/<str:household>/<str:kind>/", views.measure, name="measure"),
    path("<str:event>/<str:household>/<str:kind>/deliver/", views.deliver, name="deliver"),
    path("<str:event>/<str:household>/<str:kind>/receipt/", views.receipt, name="receipt"),
    path("<str:event>/<str:household>/<str:kind>/stop/", views.stop, name="stop"),
]
