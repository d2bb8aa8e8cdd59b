"""Signing in and out, and changing one's password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from lamppost.faces.desk.access import actor_at, status_of
from lamppost.faces.desk.fields import Fields, Typed
from lamppost.faces.desk.frame import frame, home_of
from lamppost.kernel.refusals import Refusal
from lamppost.kernel.text import clean_line
from lamppost.people.actors import Actor, actor_of
from lamppost.people.choices import Role
from lamppost.people.models import Membership
from lamppost.people.services import change_own_password
from lamppost.people.sign_in import forget_failures, is_blocked, note_failure

_PASSWORD_ATTRS = {"maxlength": 1000}


class SignInForm(AuthenticationForm):
    """E-mail and password; says no to strangers of this city and to guessers."""

    error_messages = {
        "invalid_login": gettext_lazy("E-mail or password is wrong."),
        "inactive": gettext_lazy("This account is closed."),
        "blocked": gettext_lazy(
            "Too many tries. Wait a quarter of an hour, or ask your administrator for a new "
            "password."
        ),
        "not_here": gettext_lazy(
            "You have no account in this city. If you work for it, ask your administrator."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_blocked = False
        username, password = self.fields["username"], self.fields["password"]
        username.label = _("E-mail")
        username.widget = forms.EmailInput(attrs={"autocomplete": "username", "maxlength": 254})
        password.widget.attrs.update(_PASSWORD_ATTRS)

    def clean(self) -> dict[str, Any]:
        """Check the account. Raises ``ValidationError`` when it may not sign in here."""
        email = clean_line(self.cleaned_data.get("username") or "")
        self.cleaned_data["username"] = email
        address = _address_of(self.request)
        if is_blocked(email=email, address=address):
            self.is_blocked = True
            raise self._error("blocked")
        try:
            super().clean()
        except ValidationError:
            note_failure(email=email, address=address)
            raise
        forget_failures(email=email, address=address)
        return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        """Let members of this city in. Raises ``ValidationError`` for everybody else."""
        super().confirm_login_allowed(user)
        if not Membership.objects.filter(user=user, is_active=True).exists():
            raise self._error("not_here")

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


@method_decorator(never_cache, name="dispatch")
class SignIn(LoginView):
    """The page to sign in; the session gets a new id."""

    template_name = "desk/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = False

    def get_success_url(self) -> str:
        """Return where to go: agents to their console, editors to the articles, unless they
        asked for a page of the desk."""
        url = super().get_success_url()
        if url != reverse("desk:queue"):
            return url
        actor = actor_of(self.request.user)
        return reverse("console:home") if actor.role is Role.AGENT else home_of(actor)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Return the page with what is wrong: 429 for too many tries, else 400."""
        blocked = isinstance(form, SignInForm) and form.is_blocked
        context = self.get_context_data(form=form)
        return self.render_to_response(context, status=429 if blocked else 400)


def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other sessions of the account end."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    actor = actor_at(request)
    if actor.user_id is None:
        return HttpResponseRedirect(reverse("desk:sign_in"))
    if request.method != "POST":
        return render(request, "desk/password.html", _password_page(actor, Typed()))
    sent = request.POST
    try:
        user = change_own_password(
            user_id=actor.user_id,
            old=sent.get("old_password", ""),
            new=sent.get("password", ""),
            repeated=sent.get("repeated", ""),
            actor=actor,
        )
    except Refusal as refusal:
        page = _password_page(actor, Typed(problems=refusal.problems))
        return render(request, "desk/password.html", page, status=status_of(refusal))
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password was changed."))
    return HttpResponseRedirect(home_of(actor))


def _password_page(actor: Actor, typed: Typed) -> dict[str, Any]:
    fields = Fields("password", typed)
    old = {"autocomplete": "current-password", **_PASSWORD_ATTRS}
    new = {"autocomplete": "new-password", **_PASSWORD_ATTRS}
    return {
        **frame(actor),
        "fields": [
            fields.text("old_password", _("Present password"), kind="password", required=True,
                        attrs=old),
            fields.text("password", _("New password"), kind="password", required=True, attrs=new,
                        hint=_("At least 9 characters, nothing commonly used.")),
            fields.text("repeated", _("New password again"), kind="password", required=True,
                        attrs=new),
        ],
    }  # fmt: skip


def _address_of(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""
