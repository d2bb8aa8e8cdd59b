"""Addresses of the desk for reviews, stat meetings, measures."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.desk.views import measures, progress, review, reviews, stat

urlpatterns: list[URLPattern | URLResolver] = [
    path("measures/", measures.measures, name="measures"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/held/", reviews.held, name="reviews_held"),
    path("reviews/calendar/", reviews.calendar, name="review_calendar"),
    path("reviews/participation/", reviews.takes_part, name="participation"),
    re_path(
        r"^reviews/calendar/(?P<subject_id>[0-9]{1,18})/$", reviews.subject, name="review_subject"
    ),
    re_path(
        r"^reviews/actions/(?P<action_id>[0-9]{1,18})/done/$", review.finish, name="review_action"
    ),
    re_path(r"^reviews/(?P<review_id>[0-9]{1,18})/$", review.show, name="review"),
    re_path(
        r"^reviews/(?P<review_id>[0-9]{1,18})/(?P<slug>[a-z]{1,20})/$",
        review.act,
        name="review_act",
    ),
    path("stat/", stat.quarters, name="stat"),
    re_path(r"^stat/(?P<year>[0-9]{4})/(?P<number>[1-4])/$", stat.pack, name="stat_pack"),
    re_path(r"^stat/(?P<year>[0-9]{4})/(?P<number>[1-4])/stat\.pdf$", stat.pdf, name="stat_pdf"),
    path("maturity/", progress.maturity, name="maturity"),
    path("onboarding/", progress.departments, name="onboarding"),
    path("onboarding/<slug:code>/", progress.department, name="onboarding_department"),
]
