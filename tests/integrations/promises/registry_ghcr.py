"""https://distribution.github.io/distribution/spec/auth/token/; ghcr.io refuses an unknown login with 403 and DENIED."""

from integrations.registry import Registry
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, NotPromised, Row


def refused(code: str, message: str, status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"errors": [{"code": code, "message": message}]}, status, named)


READS_ONLY = NotPromised("Onramp only reads from the registry; the pipeline pushes")
ROW: Row[Registry] = Row(
    options=lambda url: {"api_url": url, "pull_user": "onramp-bot"},
    ready=Answer({"token": "ZGVtbw=="}),
    denied=(
        refused("DENIED", "denied", 403),
        refused("UNAUTHORIZED", "authentication required", 401),
    ),
    rate_limited=refused("TOOMANYREQUESTS", "too many requests", 429, Retry_After="8"),
    retry_after=8,
    reads=(
        Case(lambda registry: registry.ready(), Answer({"token": "ZGVtbw=="})),
        Case(lambda registry: registry.ready(), Answer({"access_token": "ZGVtbw==", "expires_in": 300})),
        Case(lambda registry: registry.host, Answer(), "ghcr.io", requests=False),
    ),
    change=READS_ONLY,
    missing=NotPromised("the promise is about access, not about images"),
    raises_missing=NotPromised("the promise is about access, not about images"),
    conflict=READS_ONLY,
    repeated=READS_ONLY,
)
