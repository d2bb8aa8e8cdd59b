"""What becomes of a mail: an agent's, a case's, a partner's, or nobody's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lamppost.cases.models import Case
from lamppost.contacts.models import Interaction
from lamppost.mailbox.choices import Fate
from lamppost.mailbox.models import Thread
from lamppost.mailbox.tests.scene import WRITER, bring, mail
from lamppost.notify.models import Gateway, Message
from lamppost.people.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def reported(box: Gateway, case: Callable[..., Case]) -> Case:
    """A case of Ana's, who asked to hear of it by mail."""
    made = case()
    made.contact = Contact.objects.create(email=WRITER, created_at=made.created_at)
    made.save()
    from lamppost.people.choices import PointKind
    from lamppost.people.models import ContactPoint

    ContactPoint.objects.create(contact=made.contact, kind=PointKind.EMAIL, value=WRITER)
    return made


def test_a_question_waits_for_an_agent_and_is_acknowledged_once(box: Gateway) -> None:
    row = bring(mail())
    assert row.fate == Fate.THREAD
    thread = Thread.objects.get()
    assert (thread.state, thread.address, thread.subject) == ("open", WRITER, "A question")
    interaction = Interaction.objects.get()
    assert (interaction.channel, interaction.ended_at) == ("email", None)
    message = Message.objects.get()
    assert thread.reference in message.subject
    assert "911" in message.text
    again = bring(mail())
    assert (again.pk, Thread.objects.count(), Message.objects.count()) == (row.pk, 1, 1)
