"""What Onramp writes on a blocker's ticket, each comment exactly once."""

from engine.context import Work
from engine.effects import Made
from integrations.issues import issues
from onboarding.blockers import tickets
from onboarding.blockers.causes import Check
from onboarding.models import Blocker, EffectKind
from onboarding.steps.errors import ensure


def name_waiting_runs(work: Work, blocker: Blocker) -> None:
    """Each further run that waits is named on the ticket, once; the first ones are in its description."""
    named = set(work.step.result.get("named", []))
    for onboarding in tickets.blocked_onboardings(blocker):
        if str(onboarding.pk) not in named:
            text = f"{onboarding.repository.full_name} waits for this too: {tickets.url_of(onboarding)}"
            comment(work, blocker, f"waits {onboarding.pk}", text)
        named.add(str(onboarding.pk))
    work.remember(named=sorted(named))


def answer_closing(work: Work, blocker: Blocker, closing: str, check: Check) -> None:
    """A ticket that was closed while the condition does not hold is answered, once per closing."""
    text = (
        "This ticket was closed, but the condition does not hold yet, so nothing was resumed.\n"
        f"{check.message}\nWhat clears it: {blocker.clears_when}"
    )
    comment(work, blocker, f"closing {closing} answered", text)


def comment(work: Work, blocker: Blocker, occasion: str, text: str) -> None:
    """Once per occasion, also after a lost answer: a comment with our text that is not recorded yet is ours."""

    def find() -> Made | None:
        known = own_comments(work)
        unknown = (each for each in issues().comments(blocker.ticket_id) if each.id not in known)
        ours = next((each for each in unknown if each.body.split() == text.split()), None)
        return Made({"id": ours.id}) if ours else None

    def create() -> Made:
        return Made({"id": issues().comment(blocker.ticket_id, text)})

    name = f"{blocker.ticket_id} {occasion}"
    ensure(work, issues().name, EffectKind.TICKET_COMMENT, name, find=find, create=create, find_first=False)


def own_comments(work: Work) -> list[str]:
    """The ids of our comments on the ticket."""
    return [
        str(effect.reference["id"])
        for (kind, _), effect in work.step.known_effects.items()
        if kind == EffectKind.TICKET_COMMENT and "id" in effect.reference
    ]
