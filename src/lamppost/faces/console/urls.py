"""Addresses of the console face."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from lamppost.faces.console.views import (
    board,
    call_backs,
    calls,
    cases,
    costs,
    figures,
    handing,
    home,
    knowledge,
    lists,
    quality,
    staffing,
    surge,
)
from lamppost.faces.console.views import services as service_views

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", home.search_all, name="search"),
    path("line/", home.line, name="line"),
    path("begin/", calls.begin_call, name="begin"),
    path("take/", calls.take, name="take"),
    path("state/", calls.change_state, name="state"),
    path("call/<int:call_id>/<str:step>/", calls.step, name="step"),
    path("services/<str:code>/", service_views.service, name="service"),
    path("answers/<str:code>/", knowledge.answer, name="answer"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/<str:step>/", cases.step, name="case_step"),
    path("pass-on/", handing.pass_on, name="pass_on"),
    path("emergency/", handing.emergency, name="emergency"),
    path("call-back/", call_backs.promise_one, name="promise"),
    path("call-backs/", call_backs.queue, name="call_backs"),
    path("call-backs/<int:call_back_id>/<str:step>/", call_backs.step, name="call_back_step"),
    path("mine/", lists.mine, name="mine"),
    path("mine/<int:call_id>/", lists.code_one, name="code_one"),
    path("interactions/", lists.all_contacts, name="interactions"),
    path("board/", board.board, name="board"),
    path("figures/", figures.figures, name="figures"),
    path("figures/<str:kind>.csv", figures.download, name="figures_download"),
    path("staffing/", staffing.staffing, name="staffing"),
    path("quality/", quality.quality, name="quality"),
    path("quality/mine/", quality.mine, name="quality_mine"),
    path("quality/<int:monitored_id>/", quality.look, name="quality_look"),
    path("surge/", surge.surge, name="surge"),
    path("costs/", costs.costs, name="costs"),
]
