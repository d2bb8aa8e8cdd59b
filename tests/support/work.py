"""Work of a city for tests with two of them: what is prepared, and an item in one case."""

from __future__ import annotations

from django.utils import timezone

from lamppost.cases.models import Case
from lamppost.catalog.models import Outcome, QuestionValue
from lamppost.people.models import Department
from lamppost.work.models import (
    ChecklistItem,
    Macro,
    MacroStep,
    ReplyTemplate,
    TemplateAnswer,
    TemplateCheck,
    WorkItem,
    WorkPause,
    WorkTemplate,
)

# The id every address with a number in it is asked for in the other city.
FOREIGN_ID = 98_765_432
SECRET = "only in Shelbyville"


def add_work(slug: str) -> None:
    """Prepare work in the city in scope, and add to its last case an item that may stay undone."""
    case = Case.objects.order_by("-id")[0]
    streets = Department.objects.get(code="streets")
    is_foreign = slug == "shelbyville"
    name = SECRET if is_foreign else slug
    now = timezone.now()
    template = WorkTemplate.objects.create(
        service=case.service,
        code="signs",
        order=1,
        department=streets,
        title={"en": f"Signs {name}"},
        begins="by_hand",
        is_required=False,
    )
    TemplateCheck.objects.create(template=template, order=1, code="one", text={"en": name})
    TemplateAnswer.objects.create(template=template, value=QuestionValue.objects.get(key="cave-in"))
    reply = ReplyTemplate.objects.create(
        code="filled", title={"en": f"Filled {name}"}, text={"en": f"{name}: {{number}} is filled."}
    )
    macro = Macro.objects.create(code="close", title={"en": f"Close {name}"})
    MacroStep.objects.create(
        macro=macro, order=1, kind="close", outcome=Outcome.objects.get(code="done"), reply=reply
    )
    item = WorkItem.objects.create(
        pk=FOREIGN_ID if is_foreign else None,
        case=case,
        department=streets,
        title={"en": f"Look at it, {name}"},
        note={"en": name},
        is_required=False,
        order=1,
        added_at=now,
        updated_at=now,
    )
    ChecklistItem.objects.create(item=item, order=1, text={"en": name})
    WorkPause.objects.create(item=item, from_at=now, to_at=now)
