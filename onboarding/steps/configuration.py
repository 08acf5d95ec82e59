"""The team's move: values for the variables that the code reads and has no default for, before the first deployment.

They go straight into a Secret of the team's namespace. Onramp looks at the names of what is there, never at the values.
"""

from onboarding import generate
from onboarding.content import Content
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Move
from onboarding.steps import pauses
from onboarding.steps.journey import cluster, journey
from onboarding.steps.outside import meets

NAME = "configuration"


def needed(content: Content) -> bool:
    """Whether a run of this plan has this step."""
    return bool(content.to_enter)


def missing(content: Content) -> dict[str, list[str]]:
    """Application → the variables whose values are not in its Secret yet. Raises IntegrationError."""
    found = {}
    for application, names in content.to_enter.items():
        there = cluster().keys(content.namespace, generate.settings_of(application))
        left = [name for name in names if name not in there]
        if left:
            found[application] = left
    return found


@meets("cluster")
def perform(work: Work) -> Outcome:
    own = journey(work)
    left = missing(own.content)
    if not left:
        for application in own.content.to_enter:  # noted, so that the page and an undo know of it
            work.ensure("Secret", f"{own.content.namespace}/{generate.settings_of(application)}", make=Made)
        count = sum(len(names) for names in own.content.to_enter.values())
        return Done(f"All {count} values are there." if count > 1 else "The value is there.")
    said = "; ".join(f"{application} needs {', '.join(names)}" for application, names in left.items())
    links = [("Enter the values", f"/onboardings/{work.run.pk}/settings/")]
    return Wait(f"Enter what the code has no default for: {said}.", pauses.news(work), Move.TEAM, links)
