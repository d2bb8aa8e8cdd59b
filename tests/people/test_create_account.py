"""``lamppost create-account``: how a city's staff come to their accounts."""

from __future__ import annotations

import pytest

from lamppost.cities.models import City
from lamppost.cli import _parser
from lamppost.commands.people import PASSWORD_VARIABLE
from lamppost.kernel.refusals import Invalid
from lamppost.people.models import Membership, User

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    arguments = _parser(["create-account"]).parse_args(["create-account", *words])
    return int(arguments.run(arguments))


def test_a_worker_gets_an_account(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "a long and odd one")
    who = ("ana@city.example", "--city", city.slug, "--name", "Ana Ruiz")
    with pytest.raises(Invalid):
        run(*who, "--role", "worker", "--department", "nowhere")
    assert run(*who, "--role", "worker", "--department", "streets") == 0
    user = User.objects.get(email="ana@city.example")
    assert user.check_password("a long and odd one")
    membership = Membership.objects.select_related("department").get(user=user)
    assert membership.department is not None
    assert (membership.role, membership.department.code) == ("worker", "streets")


def test_a_role_there_is_not_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("ana@city.example", "--role", "king")
    assert ended.value.code == 2
    assert "supervisor" in capsys.readouterr().err
