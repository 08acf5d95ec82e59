from django.urls import path

from events import views

urlpatterns = [path("<slug:source>/", views.webhook, name="webhook")]
