"""The figure of `bench/campaign` that says whether another team comes next."""

from bench.crowd.collector import Span
from bench.crowd.fairness import overtaken


def execution(name: str, begin: float, end: float) -> Span:
    return Span(name.encode(), b"", f"onboarding {name.rstrip('0123456789')}", begin, end, {"onramp.run": "1"})


def call(parent: str, method: str, begin: float, end: float) -> Span:
    facts = {"onramp.provider": "github", "http.request.method": method}
    return Span(f"{method}{begin}".encode(), parent.encode(), method, begin, end, facts)


def test_changes_of_others_count_from_when_a_run_was_first_ready() -> None:
    executions = [execution("access1", 0, 2), execution("access2", 10, 14), execution("commit", 20, 24)]
    calls = [
        call("access1", "GET", 0, 1),  # ready, and sent away
        call("access2", "GET", 10, 11),
        call("access2", "POST", 12, 13),
        call("commit", "GET", 20, 21),
        call("commit", "POST", 22, 23),
        call("commit", "POST", 23, 24),
    ]
    others = [call("", "POST", begin, begin + 1) for begin in (0.5, 1.5, 3, 11.5, 20.5, 21.5)]
    changes = [span for span in [*others, *calls] if span.is_change]
    assert overtaken(executions, calls, changes) == [3, 1, 0]
