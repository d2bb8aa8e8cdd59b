"""Addresses for monitors and load balancers, the same at every host name."""

from __future__ import annotations

from django.urls import path

from lamppost.faces.operations import views

app_name = "operations"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
