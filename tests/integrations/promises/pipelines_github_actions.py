"""https://docs.github.com/en/rest/actions"""

from dataclasses import replace

from integrations.pipelines import Build, BuildState, Job, Pipelines
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, NotPromised, Row
from tests.integrations.promises.source_github import CORE, NOT_FOUND, SHA, refused

RUN = {
    "id": 3,
    "path": ".github/workflows/onramp.yml",
    "head_sha": SHA,
    "html_url": "https://github.com/acme/greeter/actions/runs/3",
    "status": "completed",
    "conclusion": "success",
    "run_attempt": 1,
    "event": "push",
}
JOB = {"id": 4, "name": "test", "status": "completed", "conclusion": "success", "html_url": None, "steps": []}
RUNS = Answer({"total_count": 1, "workflow_runs": [RUN]})
NO_RUNS = Answer({"total_count": 0, "workflow_runs": []})
BUILD = Build(3, BuildState.GREEN, SHA, "https://github.com/acme/greeter/actions/runs/3", "success", 1)

OTHERS = [RUN | {"id": number, "path": f".github/workflows/{number}.yml"} for number in range(100)]
PENDING = {
    "environment": {"id": 1, "name": "production"},
    "reviewers": [{"type": "User", "reviewer": {"login": "dana"}}, {"type": "Team", "reviewer": {"slug": "web"}}],
}
APPROVAL = "approval for the environment production by dana or web"

ROW: Row[Pipelines] = Row(
    options=lambda url: {"api_url": url},
    ready=Answer({"resources": {"core": CORE}, "rate": CORE}),
    denied=(refused("Bad credentials", 401),),
    rate_limited=refused(
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        403,
        Retry_After="9",
    ),
    retry_after=9,
    reads=(
        Case(
            lambda pipelines: pipelines.enabled("acme/greeter"),
            Answer({"enabled": True, "allowed_actions": "all"}),
            True,
        ),
        Case(lambda pipelines: pipelines.build("acme/greeter", SHA), RUNS, BUILD),
        Case(lambda pipelines: pipelines.is_configured("acme/greeter", SHA), Answer({"type": "file"}), True),
        Case(
            lambda pipelines: pipelines.is_restricted("acme/greeter"),
            Answer({"enabled": True, "allowed_actions": "selected"}),
            True,
        ),
        Case(lambda pipelines: pipelines.approvals("acme/greeter", 3), Answer([PENDING]), [APPROVAL]),
        Case(
            lambda pipelines: pipelines.build("acme/greeter", SHA),
            Answer({"total_count": 1, "workflow_runs": [RUN | {"status": None, "conclusion": None}]}),
            replace(BUILD, state=BuildState.QUEUED, message="queued"),
        ),
        Case(
            lambda pipelines: pipelines.build("acme/greeter", SHA),
            {
                f"GET /repos/acme/greeter/actions/runs?head_sha={SHA}&page=1&": Answer({"workflow_runs": OTHERS}),
                f"GET /repos/acme/greeter/actions/runs?head_sha={SHA}&page=2&": RUNS,
            },
            BUILD,
        ),
        Case(lambda pipelines: pipelines.latest("acme/greeter", "main"), RUNS, BUILD),
        Case(
            lambda pipelines: pipelines.jobs("acme/greeter", 3),
            Answer({"total_count": 1, "jobs": [JOB]}),
            [Job("test", BuildState.GREEN, False, "")],
        ),
        Case(lambda pipelines: pipelines.failure("acme/greeter", 3), Answer({"total_count": 1, "jobs": [JOB]}), None),
    ),
    change=Case(lambda pipelines: pipelines.rerun("acme/greeter", 3), Answer({}, 201)),
    missing=(
        Case(lambda pipelines: pipelines.build("acme/greeter", SHA), NO_RUNS, None),
        Case(lambda pipelines: pipelines.latest("acme/greeter", "main"), NO_RUNS, None),
    ),
    raises_missing=(
        Case(lambda pipelines: pipelines.enabled("acme/nowhere"), NOT_FOUND),
        Case(lambda pipelines: pipelines.rerun("acme/greeter", 3), NOT_FOUND),
    ),
    conflict=NotPromised("a re-run competes with nobody"),
    repeated=NotPromised("a second re-run is another attempt; the engine records each"),
)
