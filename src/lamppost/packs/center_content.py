"""What a pack says about its contact center, as plain values. See ``content``."""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.packs.content import Row, Texts


@dataclass(frozen=True, kw_only=True)
class CenterRules(Row):
    """``inquiries``: the service under which an inquiry answered at once is kept."""

    answer_seconds: int = 20
    answer_percent: int = 80
    wrap_limit_seconds: int = 90
    call_back_minutes: int = 120
    answer_mail_minutes: int = 960
    inquiries: str = ""


@dataclass(frozen=True, kw_only=True)
class Disposition(Row):
    code: str
    name: Texts
    kind: str
    key: str = ""
    is_resolved: bool = False


@dataclass(frozen=True, kw_only=True)
class MonitoringQuestion(Row):
    code: str
    text: Texts
    points: int = 2


@dataclass(frozen=True, kw_only=True)
class SurgeText(Row):
    code: str
    name: Texts
    message: Texts
    article: str = ""
