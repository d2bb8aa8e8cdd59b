"""Addresses of the portal face."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from lamppost.faces.portal.views import (
    addresses,
    agreements,
    answers,
    feeds,
    follow,
    ground,
    home,
    messages,
    pages,
    report_details,
    report_place,
    report_send,
    requests,
    services,
    subscribe,
)

app_name = "portal"
_HELD = r"(?P<token>[A-Za-z0-9_-]{16,60})"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("report/", services.choose, name="report"),
    path("report/<str:code>/", services.service_page, name="report_service"),
    path("report/<str:code>/details/", report_details.details, name="report_details"),
    path("report/<str:code>/stopped/", report_details.stopped, name="report_stopped"),
    path("report/<str:code>/photos/", report_place.photos, name="report_photos"),
    path("report/<str:code>/photos/remove/", report_place.remove_photo, name="report_remove_photo"),
    path("report/<str:code>/where/", report_place.where, name="report_where"),
    path("report/<str:code>/similar/", report_place.similar, name="report_similar"),
    path("report/<str:code>/contact/", report_details.contact, name="report_contact"),
    path("report/<str:code>/review/", report_send.review, name="report_review"),
    path("report/<str:code>/done/", report_send.done, name="report_done"),
    path("report/<str:code>/forget/", report_details.forget, name="report_forget"),
    path("requests/", requests.request_list, name="requests"),
    path("requests.geojson", requests.points, name="points"),
    path("requests.atom", feeds.list_feed, name="feed"),
    path("requests/find/", requests.find, name="find"),
    path("requests/<str:number>.atom", feeds.request_feed, name="request_feed"),
    path("requests/<str:number>/", requests.one_request, name="request"),
    path("requests/<str:number>/follow/", follow.me_too, name="me_too"),
    re_path(rf"^follow/(?P<number>[^/]{{1,60}})/{_HELD}/$", follow.follow, name="follow"),
    path("answers/", answers.answers, name="answers"),
    path("answers.atom", answers.feed, name="answers_feed"),
    path("answers/topics/<slug:code>/", answers.topic, name="topic"),
    path("answers/<slug:code>/", answers.one_answer, name="answer"),
    path("answers/<slug:code>/helped/", answers.helped, name="helped"),
    path("directory/", answers.numbers, name="directory"),
    path("subscribe/", subscribe.subscribe_page, name="subscribe"),
    path("subscribe/asked/", subscribe.asked, name="asked"),
    re_path(rf"^c/{_HELD}/$", messages.short_case, name="short_case"),
    re_path(rf"^c/{_HELD}/survey/$", messages.survey, name="survey"),
    re_path(rf"^k/{_HELD}/$", messages.confirm_page, name="confirm"),
    re_path(rf"^m/{_HELD}/$", messages.manage, name="messages"),
    re_path(rf"^m/{_HELD}/stop/$", messages.OneClick.as_view(), name="one_click"),
    re_path(
        rf"^m/{_HELD}/stop/all/$", messages.OneClick.as_view(is_all=True), name="one_click_all"
    ),
    path("map/", requests.map_page, name="map"),
    path("areas.geojson", ground.areas, name="areas"),
    path("streets.geojson", ground.streets, name="streets"),
    path("map.pmtiles", ground.tiles, name="basemap"),
    path("near/", requests.near, name="near"),
    re_path(
        r"^photos/(?P<token>[A-Za-z0-9_-]{16,60}?)(?P<small>-small)?\.jpg$",
        pages.photo,
        name="photo",
    ),
    path("address/suggest.json", addresses.suggestions, name="suggest"),
    path("performance/agreements/", agreements.promises, name="agreements"),
    path("performance/agreements/<str:code>/", agreements.promise, name="agreement"),
    path("language/", pages.language, name="language"),
    path("about/", pages.words, {"key": "about"}, name="about"),
    path("privacy/", pages.words, {"key": "privacy"}, name="privacy"),
    path("accessibility/", pages.words, {"key": "accessibility"}, name="accessibility"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
]
