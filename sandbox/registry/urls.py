from django.urls import path

from sandbox.registry import views

urlpatterns = [path("token", views.token)]
