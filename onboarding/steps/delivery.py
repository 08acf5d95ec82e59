"""What the pipeline will apply is accepted: the cluster looks at it without doing it, and lets the pipeline do it."""

from onboarding.engine.outcomes import Done, Failure, Outcome
from onboarding.engine.work import Work
from onboarding.steps.journey import cluster, journey
from onboarding.steps.outside import meets
from onboarding.tenancy import deployer


@meets("cluster")
def perform(work: Work) -> Outcome:
    own = journey(work)
    manifests = [one.manifest for one in own.content.objects if one.change == "by the pipeline"]
    subject = deployer(own.repository, own.content.default_branch)
    lacking = [
        manifest["kind"]
        for manifest in manifests
        if not cluster().may("patch", manifest["kind"], own.content.namespace, user=subject)
    ]
    if lacking:
        raise Failure(
            f"The pipeline would not be allowed to apply {', '.join(sorted(set(lacking)))} in {own.content.namespace}",
            detail=f"access review for {subject}",
        )
    names = ", ".join(f"{one['kind']} {one['metadata']['name']}" for one in manifests)
    return Done(f"The pipeline of {own.name} may apply {names}.", {"deployer": subject})
