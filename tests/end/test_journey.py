"""Whole onboardings, end to end, as users experience them: one demo, real processes, real HTTP."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from bench.crowd.collector import Collector, collecting
from tests.end.demo import Demo, git, running, until

FREE_OF_EFFECTS = re.compile(
    r"(dryRun=All|accessreviews|selfsubjectreviews|/rest/api/2/search|/_search|/access_tokens)"
)


@pytest.fixture(scope="module")
def traces() -> Iterator[Collector]:
    """Collects the traces of all the demo's processes."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, traces: Collector) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo") / "data", **traces.environment) as started:
        yield started


def finish(demo: Demo, onboarding: str, repository: str) -> None:
    """From the open pull request to verification: the team merges, the rest is automatic."""
    merge = demo.wait_for(onboarding, "merge", "waiting", 180)
    assert merge["move"] == "team"
    pull = demo.step(onboarding, "pull_request")["links"][0]
    demo.merge(repository, int(pull[0].removeprefix("#")))
    demo.wait_for(onboarding, "verification", "done", 180)
    assert demo.run(onboarding)["state"] == "done"


def test_planning_changes_nothing(demo: Demo) -> None:
    requests.delete(f"{demo.sandbox}/_/requests", timeout=10)
    plan = demo.plan("acme/parcel-tracker")
    assert plan["can_start"]
    sent = [
        request
        for request in demo.requests_to_sandbox()
        if "_/" not in request["path"] and request["provider"] != "webhook"
    ]
    assert sent
    for request in sent:
        url = f"{request['path']}?{request['query']}"
        assert request["method"] in ("GET", "HEAD") or FREE_OF_EFFECTS.search(url), request


def test_a_service_is_onboarded_and_verified(demo: Demo, traces: Collector, tmp_path: Path) -> None:
    plan = demo.plan("acme/parcel-tracker")
    onboarding = demo.start_onboarding("acme/parcel-tracker")["id"]
    demo.wait_for(onboarding, "pull_request", "done")

    branch = demo.clone("acme/parcel-tracker", tmp_path / "branch", branch=plan["content"]["branch"])
    changed = git("-C", str(branch), "diff", "--name-only", "HEAD~1", "HEAD").splitlines()
    assert sorted(changed) == sorted(file["path"] for file in plan["content"]["files"])
    for file in plan["content"]["files"]:
        assert (branch / file["path"]).read_text() == file["text"], "the commit contains exactly what the plan showed"

    finish(demo, onboarding, "acme/parcel-tracker")
    verification = demo.step(onboarding, "verification")
    assert "sample" in verification["reason"]
    address = next(url for label, url in verification["links"] if label.endswith("address"))
    host = address.split("/")[2]
    answer = requests.get(f"http://127.0.0.1:{demo.sandbox_port}/", headers={"Host": host}, timeout=10)
    assert answer.status_code == 200

    def traced() -> bool:
        (trace,) = traces.traces_of(onboarding)
        steps = {span.step for span in trace if span.facts.get("onramp.run") == onboarding}
        providers = {span.provider for span in trace if span.provider}
        return {"access", "verification"} <= steps and {
            "github",
            "kubernetes",
            "prometheus",
            "elk",
            "address",
        } <= providers

    until(traced, "the click, every step and every call in one trace", 20)


def test_onboarding_again_changes_nothing_and_verifies_again(demo: Demo) -> None:
    content = demo.plan("acme/parcel-tracker")["content"]
    assert content["files"] == []
    assert content["conflicts"] == []
    again = demo.start_onboarding("acme/parcel-tracker")["id"]
    demo.wait_for(again, "verification", "done")
    assert len(demo.github("GET", "/repos/acme/parcel-tracker/pulls?state=all")) == 1


def test_the_next_commit_is_deployed_without_onramp(demo: Demo, tmp_path: Path) -> None:
    assert demo.stop() == 0
    demo.start("--only-sandbox")
    assert not _responds(demo.url)
    checkout = demo.clone("acme/parcel-tracker", tmp_path / "checkout")
    source = (checkout / "tracker.py").read_text()
    sha = demo.commit(
        checkout, "tracker.py", source.replace("parcels under way", "parcels on the road"), "Say it differently"
    )

    def deployed() -> bool:
        host = {"Host": f"parcel-tracker.acme-storefront.localhost:{demo.sandbox_port}"}
        return "on the road" in requests.get(f"{demo.sandbox}/", headers=host, timeout=10).text

    until(deployed, f"{sha[:7]} to be built, deployed and responding without Onramp", 150)
    since = time.time() - 30
    samples = requests.get(
        f"{demo.sandbox}/prometheus/api/v1/query",
        params={"query": 'parcel_tracker_parcels_under_way{namespace="acme-storefront"}', "time": str(time.time())},
        timeout=10,
    ).json()["data"]["result"]
    assert any(float(sample["value"][0]) > since for sample in samples), samples
    assert demo.stop() == 0
    demo.start()


def test_a_failed_build_is_listed_first_with_cause_and_link(demo: Demo, tmp_path: Path) -> None:
    checkout = demo.clone("acme/parcel-tracker", tmp_path / "checkout")
    tests = (checkout / "tests" / "test_tracker.py").read_text()
    demo.commit(checkout, "tests/test_tracker.py", tests + "\n\nraise SystemExit('broken on purpose')\n", "Break it")
    repository = "/repos/acme/parcel-tracker/actions/runs?branch=main&event=push"
    until(
        lambda: demo.github("GET", repository)["workflow_runs"][0]["conclusion"] == "failure", "the build to fail", 90
    )
    page = until(lambda: _page_with_failure(demo), "the team's page to show it", 10)
    first = page.split('<li id="application-')[1]
    assert "application-broken" in first
    assert "parcel-tracker" in first
    assert "fails in job" in page
    assert "/actions/runs/" in page


def _page_with_failure(demo: Demo) -> str | None:
    page = demo.page("/teams/acme-storefront/")
    return page if "fails in job" in page else None


def _responds(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.ConnectionError:
        return False


@pytest.mark.fault(5, "two clicks", "two people")
def test_simultaneous_requests_of_two_people_start_one_run(demo: Demo) -> None:
    plan = demo.plan("acme/greeter")
    body = {"plan": plan["id"], "digest": plan["digest"]}

    def click(caller: tuple[str, str]) -> dict[str, str]:
        person, key = caller
        return dict(demo.api("POST", "/onboardings", body, person=person, **{"Idempotency-Key": key}).json())

    demo.api("GET", "/onboardings", person="bob")
    with ThreadPoolExecutor(6) as pool:
        runs = list(
            pool.map(click, [("alice", "a"), ("alice", "a"), ("bob", "b"), ("bob", "c"), ("alice", "d"), ("bob", "b")])
        )
    assert len({run["id"] for run in runs}) == 1
    finish(demo, runs[0]["id"], "acme/greeter")
    pulls = demo.github("GET", "/repos/acme/greeter/pulls?state=all")
    assert len(pulls) == 1


def test_a_run_blocked_by_the_allowance_resumes_when_it_is_granted(demo: Demo) -> None:
    demo.grant("acme-storefront", requests_cpu="10m", requests_memory="16Mi", pods="1")
    onboarding = demo.start_onboarding("acme/price-feed")["id"]
    demo.wait_for(onboarding, "namespace", "blocked")
    ticket = until(lambda: (demo.step(onboarding, "namespace")["ticket"] or {}).get("key"), "a ticket")

    demo.close(ticket)
    answers = until(
        lambda: [
            comment["body"]
            for comment in demo.jira("GET", f"/issue/{ticket}/comment")["comments"]
            if "nothing was resumed" in comment["body"]
        ],
        "the answer to closing the ticket without granting",
        20,
    )
    assert "requested" in answers[0]
    assert demo.step(onboarding, "namespace")["state"] == "blocked"

    demo.close(ticket, "To Do")
    demo.grant("acme-storefront", requests_cpu="8", requests_memory="8Gi", pods="40")
    demo.close(ticket)
    until(lambda: demo.step(onboarding, "namespace")["state"] == "done", "the run to resume automatically", 15)
    finish(demo, onboarding, "acme/price-feed")


def test_five_runs_share_one_ticket_and_all_resume(demo: Demo, tmp_path: Path) -> None:
    demo.grant("acme-storefront", requests_cpu="10m", requests_memory="16Mi", pods="1")
    before = {issue["key"] for issue in demo.jira("GET", "/search?jql=project=PLAT")["issues"]}
    names = [demo.copy("acme/shop", f"shop-{number}", tmp_path) for number in range(5)]
    runs = [demo.start_onboarding(name)["id"] for name in names]
    for run in runs:
        demo.wait_for(run, "namespace", "blocked")

    def shared() -> str | None:
        keys = {(demo.step(run, "namespace")["ticket"] or {}).get("key") for run in runs}
        return str(keys.pop()) if len(keys) == 1 and None not in keys else None

    ticket = until(shared, "one ticket for all five")
    assert {issue["key"] for issue in demo.jira("GET", "/search?jql=project=PLAT")["issues"]} - before == {ticket}

    def named() -> bool:
        comments = [comment["body"] for comment in demo.jira("GET", f"/issue/{ticket}/comment")["comments"]]
        text = "\n".join([demo.jira("GET", f"/issue/{ticket}")["fields"]["description"], *comments])
        return all(text.count(f"{name} ") == 1 for name in names)

    until(named, "each run to be named on the ticket once", 30)
    demo.fault("webhook-dropped", "jira")
    demo.grant("acme-storefront", requests_cpu="40", requests_memory="40Gi", pods="400")
    demo.close(ticket)
    for run in runs:
        demo.wait_for(run, "namespace", "done", 30)
    demo.behave()
    for run in runs:
        assert demo.api("POST", f"/onboardings/{run}/cancellation").ok


def test_operators_see_whether_onramp_keeps_up(demo: Demo) -> None:
    assert "onramp_oldest_overdue_seconds" in requests.get(f"{demo.url}/metrics", timeout=10).text
    assert "Whether Onramp itself keeps up" in demo.page("/operations/", person="pat")


def test_an_outsider_sees_nothing(demo: Demo) -> None:
    runs = demo.api("GET", "/onboardings").json()
    assert runs
    assert demo.api("GET", "/onboardings", person="charlie").json() == []
    assert demo.api("GET", f"/onboardings/{runs[0]['id']}", person="charlie").status_code == 404
    assert demo.api("POST", f"/onboardings/{runs[0]['id']}/cancellation", person="charlie").status_code == 404
