"""Where services of carriers call us, and fetch what they play."""

from django.urls import path

from anlan.county.dispatch import views

app_name = "dispatch"
urlpatterns = [
    path("back/<str:channel>/<str:account>/<str:word>/", views.back, name="back"),
    path("speech/<str:digest>.wav", views.speech, name="speech"),
]
