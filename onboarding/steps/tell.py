"""Send one message, by chat and by mail, unless whoever it is for is looking at the page already."""

import functools
from collections.abc import Callable

from django.utils import timezone

from integrations import providers
from integrations.chat import Chat
from integrations.chat import mail as mailing
from integrations.errors import Invalid, Missing
from integrations.secrets import redact
from onboarding import messages
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import EffectState, Message
from onboarding.steps.outside import changing, meets

LOOK_AGAIN = 10.0


@meets("chat")
def perform(work: Work) -> Outcome:
    message = Message.objects.select_related("onboarding__person", "onboarding__run", "blocker__organisation").get(
        pk=work.run.pk
    )
    if not messages.still_true(message) and messages.withdraw(message):
        return Done("No longer true; not sent.")
    if messages.watched(message):
        return Wait("Somebody is looking at the page; not writing to them.", LOOK_AGAIN)
    text, url = messages.words(message)
    if providers.offered("chat"):
        chat: Chat = providers.provider("chat")
        for channel in _channels(message):
            _once(work, "chat", channel, functools.partial(chat.tell, channel, f"{text} {url}", str(message.pk)))
    for address in _mail_addresses(message):
        _once(
            work,
            "mail",
            address,
            functools.partial(mailing.send, address, text, f"{text}\n\n{url}\n", key=str(message.pk)),
        )
    Message.objects.filter(pk=message.pk).update(text=text, url=url, sent_at=timezone.now())
    return Done(f"Sent: {text}")


def _once(work: Work, medium: str, to: str, send: Callable[[], object]) -> None:
    """A message whose answer was lost counts as sent: told perhaps is better than told twice."""
    tried = work.step.known_effects.get((medium, to))
    if tried is not None and tried.state != EffectState.REFUSED:
        return

    def make() -> Made:
        send()
        return Made({"to": to})

    try:
        work.ensure(medium, to, make=changing(make))
    except (Missing, Invalid) as error:  # nobody of that name there: the other medium remains
        work.log(f"{medium} does not reach {to}: {redact(str(error))}")


def _channels(message: Message) -> list[str]:
    """A person by e-mail address, a team by its channel."""
    if message.onboarding is not None:
        return [message.onboarding.person.email] if message.onboarding.person.email else []
    assert message.blocker is not None
    teams = message.blocker.organisation.teams.filter(is_platform=True) if message.blocker.organisation else []
    return [team.channel for team in teams if team.channel]


def _mail_addresses(message: Message) -> list[str]:
    person = message.onboarding.person if message.onboarding is not None else None
    return [person.email] if person is not None and person.email else []
