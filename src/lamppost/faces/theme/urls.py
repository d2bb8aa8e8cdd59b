"""Included at the root: ``path("", include("lamppost.faces.theme.urls"))``."""

from __future__ import annotations

from django.urls import path

from lamppost.faces.theme import views

app_name = "theme"
urlpatterns = [path("city.css", views.city_stylesheet, name="city_stylesheet")]
