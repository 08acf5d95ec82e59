"""The cause when a team has no login of its own at the registry."""

from catalog.models import Team
from engine.models import Move
from integrations.errors import Missing
from integrations.registry import registry
from onboarding.blockers.causes import Cause, Check, Facts, register


def _check_login(facts: Facts) -> Check:
    team = Team.objects.get(pk=facts["team"])
    try:
        registry().pull_access(team.key)
    except Missing as error:
        return Check(False, f"Still missing: {error.message}.")
    return Check(True, f"{team} has a login at the registry now.")


NO_LOGIN = register("registry-login", title="A team has no login at the registry", check=_check_login)


def no_login(team: Team, error: Missing) -> Cause:
    return Cause(
        kind=NO_LOGIN,
        object=team.key,
        owner=Move.PLATFORM,
        summary=f"{team} has no login to pull images with",
        explanation=f"Each team pulls with a login of its own, so that private images stay private between teams, but "
        f"{error.message}. docs/operating.md says how to create one.",
        clears_when=f"There is a login at the registry for {team.key}.",
        facts={"team": team.pk},
        team=team,
    )
