"""Send one message, by chat and by mail, unless the recipient has the page open."""

import functools
from collections.abc import Callable

from django.utils import timezone

from catalog.models import Membership, Person, Team
from engine.context import Work
from engine.effects import Made
from engine.models import EffectState
from engine.outcomes import Done, Outcome, Wait
from engine.registry import StepKind
from integrations import chat
from integrations.chat import mail as mailing
from integrations.errors import Invalid, Missing
from integrations.secrets import redact
from onboarding.models import EffectKind, Message
from onboarding.reactions import messages
from onboarding.steps.errors import ensure, translates_errors_of

RECHECK_SECONDS = 10.0


@translates_errors_of("chat")
def perform(work: Work) -> Outcome:
    rows = Message.objects.select_related(
        "onboarding__person", "onboarding__run", "onboarding__team", "blocker__organisation"
    )
    message = rows.get(pk=work.run.pk)
    if not messages.still_true(message):
        with work.transaction():
            if messages.withdraw(message):
                return Done("No longer true; not sent.")
    if messages.is_watching(message):
        return Wait("The recipient has the page open; not writing to them.", RECHECK_SECONDS)
    text, url = messages.compose(message)
    if chat.CAPABILITY.offered():
        for channel in _channels(message):
            send = functools.partial(chat.chat().send, channel, f"{text} {url}", str(message.pk))
            _send_once(work, chat.chat().name, EffectKind.CHAT, channel, send)
    for address in _mail_addresses(message):
        send_mail = functools.partial(mailing.send, address, text, f"{text}\n\n{url}\n", key=str(message.pk))
        _send_once(work, mailing.PROVIDER, EffectKind.MAIL, address, send_mail)
    with work.transaction():
        Message.objects.filter(pk=message.pk).update(text=text, url=url, sent_at=timezone.now())
    return Done(f"Sent: {text}")


def _send_once(work: Work, provider: str, medium: EffectKind, recipient: str, send: Callable[[], object]) -> None:
    """A message whose answer was lost counts as sent: perhaps lost is better than sent twice."""
    tried = work.step.known_effects.get((medium, recipient))
    if tried is not None and tried.state != EffectState.REFUSED:
        return

    def create() -> Made:
        send()
        return Made({"to": recipient})

    try:
        ensure(work, provider, medium, recipient, create=create)
    except (Missing, Invalid) as error:  # nobody of that name there: the other medium remains
        work.log(f"{medium} does not reach {recipient}: {redact(str(error))}")


def _channels(message: Message) -> list[str]:
    """A person by e-mail address, a team by its channel."""
    if messages.is_for_team(message):
        team = message.onboarding.team if message.onboarding else None
        return [team.channel] if team is not None and team.channel else []
    if message.onboarding is not None:
        return [message.onboarding.person.email] if message.onboarding.person.email else []
    assert message.blocker is not None
    teams = message.blocker.organisation.teams.filter(is_platform=True) if message.blocker.organisation else []
    return [team.channel for team in teams if team.channel]


def _mail_addresses(message: Message) -> list[str]:
    """A person's own; where there is no channel for the platform team, those of its members."""
    if messages.is_for_team(message):
        return []
    if message.blocker is not None and not (chat.CAPABILITY.offered() and _channels(message)):
        teams = Team.objects.filter(organisation=message.blocker.organisation, is_platform=True)
        logins = Membership.objects.filter(team__in=teams).values("login")
        people = Person.objects.filter(username__in=logins).exclude(email="")  # a login can be another account's by now
        return sorted({person.email for person in people for team in teams if person.speaks_for(team)})
    person = message.onboarding.person if message.onboarding is not None else None
    return [person.email] if person is not None and person.email else []


STEP = StepKind("notify", "Notify people", "chat", (), perform, never_fails=True)
