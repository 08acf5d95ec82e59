"""The main job, end to end, as its users live it: one demo, real processes, real HTTP."""

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
    """Where all processes of the demo send what they trace."""
    with collecting() as made:
        yield made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, traces: Collector) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo") / "data", **traces.environment) as started:
        yield started


def finish(demo: Demo, onboarding: str, repository: str) -> None:
    """From the open pull request to the proof: the team merges, everything else happens."""
    merge = demo.wait_for(onboarding, "merge", "waiting", 180)
    assert merge["move"] == "team"
    pull = demo.step(onboarding, "pull_request")["links"][0]
    demo.merge(repository, int(pull[0].removeprefix("#")))
    demo.wait_for(onboarding, "proof", "done", 180)
    assert demo.run(onboarding)["state"] == "done"


def test_planning_changes_nothing(demo: Demo) -> None:
    requests.delete(f"{demo.sandbox}/_/requests", timeout=10)
    plan = demo.plan("acme/parcel-tracker")
    assert plan["can_start"]
    ours = [one for one in demo.requests_to_sandbox() if "_/" not in one["path"] and one["provider"] != "webhook"]
    assert ours
    for one in ours:
        free = one["method"] in ("GET", "HEAD") or FREE_OF_EFFECTS.search(f"{one['path']}?{one['query']}")
        assert free, one


def test_a_service_is_onboarded_and_runs_on_without_us(demo: Demo, traces: Collector, tmp_path: Path) -> None:
    plan = demo.plan("acme/parcel-tracker")
    onboarding = demo.begin("acme/parcel-tracker")["id"]
    demo.wait_for(onboarding, "pull_request", "done")

    branch = demo.clone("acme/parcel-tracker", tmp_path / "branch", branch=plan["content"]["branch"])
    changed = git("-C", str(branch), "diff", "--name-only", "HEAD~1", "HEAD").splitlines()
    assert sorted(changed) == sorted(one["path"] for one in plan["content"]["files"])
    for one in plan["content"]["files"]:
        assert (branch / one["path"]).read_text() == one["text"], "the commit holds exactly what the plan showed"

    finish(demo, onboarding, "acme/parcel-tracker")
    proof = demo.step(onboarding, "proof")
    assert "sample" in proof["reason"]
    address = next(url for words, url in proof["links"] if words.endswith("address"))
    host = address.split("/")[2]
    answer = requests.get(f"http://127.0.0.1:{demo.sandbox_port}/", headers={"Host": host}, timeout=10)
    assert answer.status_code == 200

    def joined() -> bool:
        (trace,) = traces.traces_of(onboarding)
        turns = {one.step for one in trace if one.facts.get("onramp.run") == onboarding}
        asked = {one.provider for one in trace if one.provider}
        return {"access", "proof"} <= turns and {"github", "kubernetes", "prometheus", "elk", "address"} <= asked

    until(joined, "the click, every turn and every call in one trace", 20)


def test_onboarded_again_it_changes_nothing_and_proves_it_again(demo: Demo) -> None:
    content = demo.plan("acme/parcel-tracker")["content"]
    assert content["files"] == []
    assert content["clashes"] == []
    again = demo.begin("acme/parcel-tracker")["id"]
    demo.wait_for(again, "proof", "done")
    assert len(demo.github("GET", "/repos/acme/parcel-tracker/pulls?state=all")) == 1


def test_the_second_commit_goes_the_same_way_without_us(demo: Demo, tmp_path: Path) -> None:
    assert demo.stop() == 0
    demo.start("--only-sandbox")
    assert not _answers(demo.url)
    checkout = demo.clone("acme/parcel-tracker", tmp_path / "checkout")
    parcels = (checkout / "tracker.py").read_text()
    sha = demo.commit(
        checkout, "tracker.py", parcels.replace("parcels under way", "parcels on the road"), "Say it differently"
    )

    def runs_it() -> bool:
        host = {"Host": f"parcel-tracker.storefront.localhost:{demo.sandbox_port}"}
        return "on the road" in requests.get(f"{demo.sandbox}/", headers=host, timeout=10).text

    until(runs_it, f"{sha[:7]} to be built, deployed and answering without Onramp", 150)
    since = time.time() - 30
    samples = requests.get(
        f"{demo.sandbox}/prometheus/api/v1/query",
        params={"query": 'parcel_tracker_parcels_under_way{namespace="storefront"}', "time": str(time.time())},
        timeout=10,
    ).json()["data"]["result"]
    assert any(float(one["value"][0]) > since for one in samples), samples
    assert demo.stop() == 0
    demo.start()


def test_a_broken_build_stands_first_with_cause_and_link(demo: Demo, tmp_path: Path) -> None:
    checkout = demo.clone("acme/parcel-tracker", tmp_path / "checkout")
    tests = (checkout / "tests" / "test_tracker.py").read_text()
    demo.commit(checkout, "tests/test_tracker.py", tests + "\n\nraise SystemExit('broken on purpose')\n", "Break it")
    repository = "/repos/acme/parcel-tracker/actions/runs?branch=main&event=push"
    until(
        lambda: demo.github("GET", repository)["workflow_runs"][0]["conclusion"] == "failure", "the build to fail", 90
    )
    page = until(lambda: _broken(demo), "the team's page to say so", 10)
    first = page.split('<li id="application-')[1]
    assert "application-broken" in first
    assert "parcel-tracker" in first
    assert "fails in job" in page
    assert "/actions/runs/" in page


def _broken(demo: Demo) -> str | None:
    page = demo.page("/teams/storefront/")
    return page if "fails in job" in page else None


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.ConnectionError:
        return False


@pytest.mark.fault(5, "two clicks", "two people")
def test_two_clicks_two_people_one_run(demo: Demo) -> None:
    plan = demo.plan("acme/greeter")
    body = {"plan": plan["id"], "digest": plan["digest"]}

    def click(who: tuple[str, str]) -> dict[str, str]:
        person, key = who
        return dict(demo.ask("POST", "/onboardings", body, person=person, **{"Idempotency-Key": key}).json())

    demo.ask("GET", "/onboardings", person="bob")
    with ThreadPoolExecutor(6) as pool:
        clicks = list(
            pool.map(click, [("alice", "a"), ("alice", "a"), ("bob", "b"), ("bob", "c"), ("alice", "d"), ("bob", "b")])
        )
    assert len({one["id"] for one in clicks}) == 1
    finish(demo, clicks[0]["id"], "acme/greeter")
    pulls = demo.github("GET", "/repos/acme/greeter/pulls?state=all")
    assert len(pulls) == 1


def test_blocked_by_the_allowance_and_resumed_by_its_ticket(demo: Demo) -> None:
    demo.grant("storefront", requests_cpu="10m", requests_memory="16Mi", pods="1")
    onboarding = demo.begin("acme/price-feed")["id"]
    demo.wait_for(onboarding, "namespace", "blocked")
    ticket = until(lambda: (demo.step(onboarding, "namespace")["ticket"] or {}).get("key"), "a ticket")

    demo.close(ticket)
    said = until(
        lambda: [
            one["body"]
            for one in demo.jira("GET", f"/issue/{ticket}/comment")["comments"]
            if "nothing was resumed" in one["body"]
        ],
        "the answer to a closing that granted nothing",
        20,
    )
    assert "asked" in said[0]
    assert demo.step(onboarding, "namespace")["state"] == "blocked"

    demo.close(ticket, "To Do")
    demo.grant("storefront", requests_cpu="8", requests_memory="8Gi", pods="40")
    demo.close(ticket)
    until(lambda: demo.step(onboarding, "namespace")["state"] == "done", "the run to resume by itself", 15)
    finish(demo, onboarding, "acme/price-feed")


def test_five_runs_share_one_ticket_and_all_go_on(demo: Demo, tmp_path: Path) -> None:
    demo.grant("storefront", requests_cpu="10m", requests_memory="16Mi", pods="1")
    before = {one["key"] for one in demo.jira("GET", "/search?jql=project=PLAT")["issues"]}
    names = [demo.copy("acme/shop", f"shop-{number}", tmp_path) for number in range(5)]
    runs = [demo.begin(name)["id"] for name in names]
    for run in runs:
        demo.wait_for(run, "namespace", "blocked")

    def shared() -> str | None:
        keys = {(demo.step(run, "namespace")["ticket"] or {}).get("key") for run in runs}
        return str(keys.pop()) if len(keys) == 1 and None not in keys else None

    ticket = until(shared, "one ticket for all five")
    assert {one["key"] for one in demo.jira("GET", "/search?jql=project=PLAT")["issues"]} - before == {ticket}

    def named() -> bool:
        said = [one["body"] for one in demo.jira("GET", f"/issue/{ticket}/comment")["comments"]]
        text = "\n".join([demo.jira("GET", f"/issue/{ticket}")["fields"]["description"], *said])
        return all(text.count(f"{name} ") == 1 for name in names)

    until(named, "each run to be named on the ticket once", 30)
    demo.fault("webhook-dropped", "jira")
    demo.grant("storefront", requests_cpu="40", requests_memory="40Gi", pods="400")
    demo.close(ticket)
    for run in runs:
        demo.wait_for(run, "namespace", "done", 30)
    demo.behave()
    for run in runs:
        assert demo.ask("POST", f"/onboardings/{run}/cancellation").ok


def test_operators_see_that_the_machine_keeps_up(demo: Demo) -> None:
    assert "onramp_oldest_overdue_seconds" in requests.get(f"{demo.url}/metrics", timeout=10).text
    assert "Whether Onramp itself keeps up" in demo.page("/operations/", person="pat")


def test_an_outsider_sees_nothing(demo: Demo) -> None:
    mine = demo.ask("GET", "/onboardings").json()
    assert mine
    assert demo.ask("GET", "/onboardings", person="charlie").json() == []
    assert demo.ask("GET", f"/onboardings/{mine[0]['id']}", person="charlie").status_code == 404
    assert demo.ask("POST", f"/onboardings/{mine[0]['id']}/cancellation", person="charlie").status_code == 404
