"""Everything that one pull request brings, and the words that go with it."""

from collections.abc import Sequence

from onboarding.generate.dockerfile import container_files
from onboarding.generate.files import File, Placement
from onboarding.generate.manifests import manifest_files
from onboarding.generate.workflow import workflow
from onboarding.stacks import Component


def files(components: Sequence[Component], placement: Placement) -> tuple[File, ...]:
    """All files of the proposal, by path."""
    made = [workflow(components, placement)]
    for one in components:
        made += container_files(one) + manifest_files(one, placement)
    return tuple(sorted(made, key=lambda one: one.path))


def pull_request(components: Sequence[Component], proposed: Sequence[File], placement: Placement) -> tuple[str, str]:
    """(title, body) of the pull request: what and why, what happens after the merge, how to take it back."""
    names = ", ".join(one.name for one in components)
    listed = "\n".join(f"- `{one.path}`: {one.why}" for one in proposed)
    places = "\n".join(f"- {one.name}: {placement.address_of(one.name)}" for one in components)
    body = (
        f"This gives **{names}** a pipeline that tests, builds and deploys every commit.\n\n"
        f"### What it brings\n{listed}\n\n"
        f"### What happens after the merge\n"
        f"The pipeline tests and builds `{placement.default_branch}`, pushes the image to `{placement.registry_host}` and applies the "
        f"manifests under `deploy/` to the namespace `{placement.namespace}` of team {placement.team}. It signs in with the run's own "
        f"OIDC token: there is no stored secret. Afterwards every commit goes the same way, with or without Onramp.\n\n{places}\n\n"
        "### What is not touched\nNo existing file is changed.\n\n"
        "### To take it back\nRevert this pull request. To decline it, close it: nothing else is waiting for it."
    )
    return f"Add a pipeline and deployment for {names}", body
