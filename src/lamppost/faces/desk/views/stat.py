"""Stat meetings: the pack of a quarter as a page and a PDF, and the figures entered by hand."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from lamppost.faces.desk.access import actor_at, at_desk, status_of
from lamppost.faces.desk.actions import id_in
from lamppost.faces.desk.fields import Fields, Typed, names_of
from lamppost.faces.desk.frame import frame
from lamppost.faces.desk.stat_pack import name_of_quarter, pack_of
from lamppost.faces.desk.stat_pdf import pdf_of
from lamppost.faces.desk.views.reviews import tabs
from lamppost.insight.choices import STAT_SECTIONS, SubjectKind
from lamppost.insight.models import ReviewSubject
from lamppost.insight.period import Quarter
from lamppost.insight.selectors.calendar import today
from lamppost.insight.services.access import may_hold
from lamppost.insight.services.reviews import open_now
from lamppost.insight.services.stat import enter_figure
from lamppost.insight.services.subjects import ensure_subjects, set_fiscal_year
from lamppost.kernel.refusals import Invalid, NotFound
from lamppost.people.actors import Actor
from lamppost.people.permissions import Permission, require

_SHOWN = 8
_FIRST_YEAR = 1970


@at_desk("GET", "HEAD", "POST")
def quarters(request: HttpRequest) -> HttpResponse:
    """List the quarters, this one first; choose when the fiscal year starts."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    if request.method == "POST":
        set_fiscal_year(starts=id_in(request.POST, "starts"), actor=actor)
        messages.success(request, _("The fiscal year was changed."))
        return HttpResponseRedirect(reverse("desk:stat"))
    subject = _subject()
    shown = [Quarter.of(today(), subject.year_starts_month)]
    while len(shown) < _SHOWN:
        shown.append(shown[-1].before)
    fields = Fields("fiscal", Typed())
    months = [(str(number), str(name)) for number, name in MONTHS.items()]
    page = {
        **frame(actor, here="tools"),
        "tabs": tabs("stat"),
        "quarters": [
            {"name": name_of_quarter(one), "url": _url(one), "period": one.period} for one in shown
        ],
        "fields": [
            fields.select(
                "starts", _("The fiscal year starts in"), months,
                default=str(subject.year_starts_month),
            )
        ] if may_hold(subject, actor) else [],
    }  # fmt: skip
    return render(request, "desk/reviews/quarters.html", page)


@at_desk("GET", "HEAD", "POST")
def pack(request: HttpRequest, year: str, number: str) -> HttpResponse:
    """Show the pack of a quarter; enter a figure by hand, or open its meeting."""
    actor = actor_at(request)
    require(actor, Permission.MEASURES_READ)
    quarter = _quarter(year, number)
    typed, status = Typed(), 200
    if request.method == "POST":
        try:
            return _change(request, quarter, actor)
        except Invalid as refusal:
            typed, status = Typed.of(request.POST, refusal), status_of(refusal)
    subject = _subject()
    found = pack_of(quarter)
    holds = may_hold(subject, actor)
    fields = _figure_fields(typed) if holds else []
    page = {
        **frame(actor, here="tools"),
        "pack": found,
        "period": quarter.period,
        "fields": fields,
        "errors": typed.other_errors(names_of(fields)),
        "may_open": holds and found.review is None and quarter == _last(subject),
        "review_url": reverse("desk:review", args=[found.review.pk]) if found.review else "",
        "pdf_url": reverse("desk:stat_pdf", args=[year, number]),
        "as_of": found.as_of,
        "glossary": found.glossary,
    }
    return render(request, "desk/reviews/stat.html", page, status=status)


@at_desk("GET", "HEAD")
def pdf(request: HttpRequest, year: str, number: str) -> HttpResponse:
    """Give the pack of a quarter as a PDF in the language of the page."""
    require(actor_at(request), Permission.MEASURES_READ)
    quarter = _quarter(year, number)
    response = HttpResponse(pdf_of(pack_of(quarter)), content_type="application/pdf")
    name = f"stat-{quarter.year}-q{quarter.number}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _change(request: HttpRequest, quarter: Quarter, actor: Actor) -> HttpResponse:
    if request.POST.get("step") == "open":
        review = open_now(subject_id=_subject().pk, actor=actor)
        return HttpResponseRedirect(reverse("desk:review", args=[review.pk]))
    enter_figure(
        quarter=quarter,
        section=request.POST.get("section", ""),
        name=request.POST.get("name", ""),
        unit=request.POST.get("unit", ""),
        target=_number(request.POST.get("target", ""), "target"),
        actual=_number(request.POST.get("actual", ""), "actual"),
        note=request.POST.get("note", ""),
        actor=actor,
    )
    messages.success(request, _("The figure is entered."))
    return HttpResponseRedirect(_url(quarter))


def _subject() -> ReviewSubject:
    found = ReviewSubject.objects.filter(kind=SubjectKind.STAT).first()
    if found is None:
        ensure_subjects()
        found = ReviewSubject.objects.get(kind=SubjectKind.STAT)
    return found


def _last(subject: ReviewSubject) -> Quarter:
    return Quarter.of(today(), subject.year_starts_month).before


def _quarter(year: str, number: str) -> Quarter:
    starts = _subject().year_starts_month
    quarter = Quarter(int(year), int(number), starts)
    if quarter > Quarter.of(today(), starts) or quarter.year < _FIRST_YEAR:
        raise NotFound(_("There are no figures for this quarter."))
    return quarter


def _url(quarter: Quarter) -> str:
    return reverse("desk:stat_pack", args=[quarter.year, quarter.number])


def _number(text: str, field: str) -> Decimal | None:
    text = text.strip().replace(",", ".") if text.count(",") == 1 else text.strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Invalid(_("Enter a number."), field=field)
    return number


def _figure_fields(typed: Typed) -> list[dict[str, object]]:
    fields = Fields("figure", typed)
    sections = [(one.value, one.label) for one in STAT_SECTIONS]
    return [
        fields.select("section", _("Section"), sections, required=True),
        fields.text(
            "name", _("What is measured"), required=True, attrs={"maxlength": 120},
            hint=_("For example: cost per contact. The same name again replaces the figure."),
        ),
        fields.text("unit", _("Unit"), attrs={"maxlength": 30}),
        fields.text("target", _("Target"), attrs={"inputmode": "decimal"}),
        fields.text("actual", _("Actual"), attrs={"inputmode": "decimal"}),
        fields.text("note", _("Remark, with the source"), attrs={"maxlength": 300}),
    ]  # fmt: skip
