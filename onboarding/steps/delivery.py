"""The cluster will let the pipeline apply its manifests."""

from engine.context import Work
from engine.outcomes import Done, Failure, Outcome
from integrations.cluster import cluster
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import DeliveryResult
from onboarding.steps.subject import subject_of
from tenancy.namespace import deployer


@translates_errors_of("cluster")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    namespace, manifests = subject.content.namespace, subject.content.manifests_of_pipeline
    user = deployer(subject.repository, subject.content.default_branch)
    forbidden = {
        manifest["kind"] for manifest in manifests if not cluster().may("patch", manifest["kind"], namespace, user=user)
    }
    if forbidden:
        message = f"The pipeline would not be allowed to apply {', '.join(sorted(forbidden))} in {namespace}"
        raise Failure(message, detail=f"access review for {user}")
    names = ", ".join(f"{manifest['kind']} {manifest['metadata']['name']}" for manifest in manifests)
    return Done(f"The pipeline of {subject.name} can apply {names}.", DeliveryResult(deployer=user))


STEP = OnboardingStep(
    name="delivery",
    title="Delivery",
    queue="cluster",
    needs=("namespace",),
    perform=perform,
    does="Checks that the pipeline can apply its manifests.",
    creates=nothing,
)
