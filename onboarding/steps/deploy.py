"""The pipeline deploys, not we: this step watches that the cluster runs what the build made."""

from integrations.pipelines import BuildState
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.steps import pauses
from onboarding.steps.journey import Journey, cluster, journey
from onboarding.steps.outside import meets
from onboarding.steps.release import newest, red


@meets("cluster")
def perform(work: Work) -> Outcome:
    own = journey(work)
    build = newest(own, work)
    if build is None:
        return Wait("Waiting for the pipeline to start.", pauses.news(work))
    links = [("Build", build.url)]
    troubles = _troubles(own, build.commit)
    if build.state == BuildState.RED:
        work.log("; ".join(troubles) or "the cluster names no trouble")
        return red(work, own, build)
    if build.state == BuildState.RUNNING or troubles:
        return Wait(
            "The pipeline is deploying" + (f": {'; '.join(troubles)}." if troubles else "."),
            pauses.news(work),
            links=links,
        )
    return Done(
        f"The pipeline deployed {build.commit[:7]} into {own.content.namespace}.", {"commit": build.commit}, links
    )


def _troubles(own: Journey, commit: str) -> list[str]:
    """Why an application does not run that commit yet, in the cluster's words; empty where all do."""
    found = []
    for row in own.applications:
        workload = cluster().workload(row.namespace, row.name)
        if workload is None:
            found.append(f"{row.name} is not there yet")
        elif not workload.available or not workload.current:
            found.append(f"{row.name}: {workload.says}")
    return found
