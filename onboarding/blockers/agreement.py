"""The cause when nobody of a team has let a run into the team's namespace."""

from dataclasses import replace

from catalog.models import Person, Repository, Team
from engine.models import Move
from onboarding.blockers.causes import Cause, Check, Facts, register
from onboarding.models import Onboarding


def _check_agreed(facts: Facts) -> Check:
    onboarding = Onboarding.objects.select_related("team", "agreed_by").get(pk=facts["onboarding"])
    if onboarding.is_agreed:
        return Check(True, f"{onboarding.agreed_by} agreed for {onboarding.team}.")
    return Check(False, f"Nobody has agreed for {onboarding.team} yet.")


NOT_AGREED = register("team-agreement", title="A team has not agreed to a run", check=_check_agreed)


def not_agreed(onboarding: Onboarding) -> Cause:
    """Nobody who speaks for the team of this run has let it in."""
    assert onboarding.team is not None
    cause = needed(onboarding.repository, onboarding.team, onboarding.person)
    return replace(cause, object=str(onboarding.pk), facts={"onboarding": str(onboarding.pk)})


def needed(repository: Repository, team: Team, starter: Person) -> Cause:
    """The repository's pipeline would deploy into the namespace of a team that its starter does not speak for."""
    name = repository.full_name
    return Cause(
        kind=NOT_AGREED,
        object=f"{repository.pk}:{team.pk}",
        owner=Move.TEAM,
        summary=f"{team} has not agreed that {name} deploys into its namespace",
        explanation=f"{starter} is not on {team}. People who can merge to {name} could reach everything in the namespace "
        f"of {team}, its Secrets included. A member of {team}, or of its platform team, agrees or cancels on the page of the run.",
        clears_when=f"A member of {team}, or of its platform team, agrees on the page of the run.",
        team=team,
    )
