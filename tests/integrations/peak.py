"""By how much one call raises the peak of this process's memory: `python -m tests.integrations.peak CALL URL`.

Prints KiB, and the name of our error if there was one. Everything is imported, and one small call made, before.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from integrations import address, http
from integrations.cluster.kubernetes import Kubernetes
from integrations.cluster.kubernetes import Options as ClusterOptions
from integrations.errors import IntegrationError
from integrations.issues.jira import Jira
from integrations.issues.jira import Options as IssuesOptions
from integrations.pipelines.github_actions import GitHubActions
from integrations.pipelines.github_actions import Options as PipelinesOptions
from integrations.source.github import GitHub
from integrations.source.github import Options as SourceOptions

TOKEN = "0123456789"


def source(url: str) -> GitHub:
    return GitHub(SourceOptions.model_validate({"api_url": url, "token": TOKEN, "webhook_secret": TOKEN}))


def cluster(url: str) -> Kubernetes:
    return Kubernetes(ClusterOptions.model_validate({"api_url": url, "token": TOKEN}))


def pipelines(url: str) -> GitHubActions:
    return GitHubActions(PipelinesOptions.model_validate({"api_url": url, "token": TOKEN}))


def issues(url: str) -> Jira:
    return Jira(IssuesOptions.model_validate({"url": url, "token": TOKEN}))


CALLS: dict[str, Callable[[str], object]] = {
    "address": lambda url: address.status(url, "/"),
    "page": lambda url: http.json_of("prometheus", http.session("prometheus").get(url)),
    "tree": lambda url: source(url).tree("acme/greeter", "0" * 40),
    "file": lambda url: source(url).blob("acme/greeter", "0" * 40),
    "tickets": lambda url: issues(url).find("marker"),
    "objects": lambda url: cluster(url).get("Pod", "shop", "web"),
    "pod log": lambda url: cluster(url).logs("shop", "web"),
    "build log": lambda url: pipelines(url).failure("acme/greeter", 3),
}


def peak() -> int:
    """KiB. Not `getrusage`, whose peak includes that of the process that started this one.

    https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def outcome(call: Callable[[str], object], url: str) -> str:
    try:
        call(url)
    except IntegrationError as error:
        return type(error).__name__
    return "answer"


if __name__ == "__main__":
    call, url = CALLS[sys.argv[1]], sys.argv[2]
    outcome(call, "http://127.0.0.1:1")
    before = peak()
    result = outcome(call, url)
    sys.stdout.write(f"{peak() - before} {result}\n")
