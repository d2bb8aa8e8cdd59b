"""Signing in with e-mail and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from lamppost.people.models import User


class EmailBackend(BaseBackend):
    """Checks e-mail and password, in the same time whether or not the account exists."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django hands it over by name
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the account, or None when it is unknown, inactive or the password wrong."""
        email = username or kwargs.get("email")
        if not email or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            User().set_password(password)
            return None
        if user.check_password(password) and user.is_active:
            return user
        return None

    def get_user(self, user_id: int) -> User | None:
        """Return the active account with this id."""
        return User.objects.filter(pk=user_id, is_active=True).first()
