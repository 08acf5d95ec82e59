"""The sandbox's cluster runs what is deployed: what is right works, and what is wrong fails as in earnest."""

import ast
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.sandbox.cluster import Room, eventually
from tests.sandbox.images import Pushed, push
from tests.sandbox.process import Sandbox, start, stop

SHARED = "this machine gives pods no network of their own (unshare is refused): not tried"


@pytest.fixture(scope="session")
def greeter(sandbox: Sandbox) -> str:
    return push(sandbox, Pushed())


@pytest.fixture
def room(sandbox: Sandbox) -> Iterator[Room]:
    made = Room(sandbox)
    yield made
    made.remove()


def _query(sandbox: Sandbox, query: str) -> list[dict[str, str]]:
    answer = requests.get(f"{sandbox.url}/prometheus/api/v1/query", params={"query": query}, timeout=10)
    return [one["metric"] for one in answer.json()["data"]["result"]]


def test_what_is_deployed_runs_and_is_reached_and_observed(room: Room, greeter: str) -> None:
    room.deploy(greeter, env={"GREETING": "welcome"})
    host = room.expose()
    eventually(lambda: room.ask(host).text == "welcome")
    status = room.ready()
    assert status["imageID"].endswith(f"@{Pushed().digest}")
    pod = room.pods()[0]["metadata"]["name"]
    printed = room.api.send("GET", f"api/v1/namespaces/{room.name}/pods/{pod}/log").text
    assert printed.splitlines()[0] == "starting"
    own = eventually(lambda: _query(room.sandbox, f'greetings_total{{namespace="{room.name}"}}'))
    labels = {"namespace": room.name, "pod": pod, "app": "web", "language": "en", "job": "kubernetes-pods"}
    assert labels.items() <= own[0].items()
    assert _query(room.sandbox, f'container_memory_working_set_bytes{{namespace="{room.name}"}}')
    query = {"query": {"bool": {"filter": [{"term": {"kubernetes.namespace": room.name}}]}}}
    headers = {"Authorization": "ApiKey sandbox-elastic-key"}
    search = f"{room.sandbox.url}/elasticsearch/_search"
    lines = requests.post(search, json=query, headers=headers, timeout=10).json()["hits"]["hits"]
    assert "starting" in {one["_source"]["message"] for one in lines}


def test_the_environment_is_the_manifests_and_the_images(room: Room, greeter: str) -> None:
    room.deploy(greeter, env={"GREETING": "hi", "POINTS": "$(GREETING) there"})
    host = room.expose()
    room.ready()
    seen = ast.literal_eval(eventually(lambda: room.ask(host, "/environment").text))
    pod = room.pods()[0]["metadata"]["name"]
    path = seen.pop("PATH")
    assert path.endswith("/usr/bin:/bin")
    assert seen.pop("PORT").isdigit()
    seen.pop("LC_CTYPE", None)  # the program's own interpreter sets it (PEP 538)
    assert seen == {"GREETING": "hi", "POINTS": "hi there", "HOSTNAME": pod}


def test_a_wrong_port_fails_its_probe(room: Room, greeter: str) -> None:
    room.deploy(greeter, port=9090)
    assert "connection refused" in room.told("Unhealthy")
    host = room.expose()
    assert room.ask(host).status_code == 503
    assert "No ready pod" in room.ask(host).text
    assert not room.container()["ready"]


def test_a_wrong_path_fails_its_probe(room: Room, greeter: str) -> None:
    probe = {"httpGet": {"path": "/health", "port": 8080}}
    room.deploy(greeter, container={"readinessProbe": probe})
    assert eventually(lambda: "statuscode: 404" in room.told("Unhealthy"))


def test_a_program_on_the_loopback_alone_is_not_reached(room: Room, greeter: str) -> None:
    room.deploy(greeter, env={"BIND": "127.0.0.1"})
    room.told("Started")
    if any(one["reason"] == "PortMapped" for one in room.objects("api/v1", "events")):
        pytest.skip(SHARED)
    assert "connection refused" in room.told("Unhealthy")


def test_a_crash_is_a_crash_loop(room: Room, greeter: str) -> None:
    room.deploy(greeter, env={"CRASH": "yes"})
    found = room.waiting("CrashLoopBackOff")
    assert found["lastState"]["terminated"]["exitCode"] == 3
    eventually(lambda: room.container()["restartCount"] >= 2)
    pod = room.pods()[0]["metadata"]["name"]
    path = f"api/v1/namespaces/{room.name}/pods/{pod}/log"
    assert room.api.send("GET", path, params={"previous": "true"}).text == "starting\nboom\n"


def test_a_failing_liveness_probe_restarts(room: Room, greeter: str) -> None:
    probe = {"httpGet": {"path": "/nowhere", "port": "http"}, "periodSeconds": 1, "failureThreshold": 2}
    room.deploy(greeter, container={"livenessProbe": probe})
    eventually(lambda: room.container().get("restartCount", 0) >= 1)
    assert room.told("Killing") == "Container web failed liveness probe, will be restarted"


def test_an_image_that_nobody_pushed_is_backed_off_until_it_is(room: Room, greeter: str) -> None:
    room.deploy(greeter.replace(":one", ":later"))
    found = room.waiting("ImagePullBackOff")
    assert ":later: not found" in found["state"]["waiting"]["message"]
    push(room.sandbox, Pushed(tag="later"))
    room.ready()


def test_without_a_pull_secret_nothing_is_pulled(room: Room, greeter: str) -> None:
    room.deploy(greeter, secret="none")
    assert "no pull secret of the pod opens" in room.waiting("ImagePullBackOff")["state"]["waiting"]["message"]


def test_a_missing_secret_holds_the_container_until_it_is_made(room: Room, greeter: str) -> None:
    source = {"secretKeyRef": {"name": "settings", "key": "greeting"}}
    room.deploy(greeter, container={"env": [{"name": "GREETING", "valueFrom": source}]})
    found = room.waiting("CreateContainerConfigError")
    assert found["state"]["waiting"]["message"] == 'secret "settings" not found'
    room.make("api/v1", "Secret", "secrets", "settings", data={"other": "aGk="})
    said = f"couldn't find key greeting in Secret {room.name}/settings"
    eventually(lambda: room.container()["state"].get("waiting", {}).get("message") == said)
    room.make("api/v1", "Secret", "secrets", "settings", data={"greeting": "aGk="})
    room.ready()
    host = room.expose()
    assert eventually(lambda: room.ask(host).text == "hi")


def test_an_optional_secret_may_be_missing(room: Room, greeter: str) -> None:
    room.deploy(greeter, container={"envFrom": [{"secretRef": {"name": "settings", "optional": True}}]})
    room.ready()


def test_an_image_that_runs_as_root_is_held_back(room: Room) -> None:
    room.deploy(push(room.sandbox, Pushed(tag="root", user="")))
    message = room.waiting("CreateContainerConfigError")["state"]["waiting"]["message"]
    assert message.startswith("container has runAsNonRoot and image will run as root")


def test_a_missing_program_is_an_error(room: Room) -> None:
    room.deploy(push(room.sandbox, Pushed(tag="misspelt", command=["pyhton", "service.py"])))
    message = room.waiting("RunContainerError")["state"]["waiting"]["message"]
    assert message.endswith('exec: "pyhton": executable file not found in $PATH')


def test_another_stack_is_pretended_and_says_so(room: Room) -> None:
    room.deploy(push(room.sandbox, Pushed(tag="cobol", stack="other", command=["/app/ledger"], files={"app/x": ""})))
    room.ready()
    assert room.told("Pretended").startswith("Nothing runs here: this machine cannot run `/app/ledger`")
    pod = room.pods()[0]
    assert "Nothing runs here" in pod["metadata"]["annotations"]["sandbox.onramp.dev/pretended"]
    assert "Nothing runs here" in room.ask(room.expose()).text


def test_an_update_keeps_the_old_until_the_new_is_ready(room: Room, greeter: str) -> None:
    room.deploy(greeter, env={"GREETING": "old"}, spec={"progressDeadlineSeconds": 2})
    host = room.expose()
    eventually(lambda: room.ask(host).text == "old")
    room.deploy(greeter.replace(":one", ":never"), env={"GREETING": "bad"}, spec={"progressDeadlineSeconds": 2})

    def exceeded() -> bool:
        conditions = {one["type"]: one for one in room.deployment()["status"]["conditions"]}
        assert room.ask(host).text == "old"
        return bool(conditions["Progressing"]["reason"] == "ProgressDeadlineExceeded")

    eventually(exceeded)
    status = room.deployment()["status"]
    assert (status["replicas"], status["updatedReplicas"], status["availableReplicas"]) == (2, 1, 1)
    room.deploy(greeter, env={"GREETING": "new"})

    def answered() -> str:
        answer = room.ask(host)
        assert answer.text in ("old", "new"), f"an update took it away: {answer.status_code} {answer.text}"
        return answer.text

    eventually(lambda: answered() == "new")
    eventually(lambda: room.deployment()["status"].get("replicas") == 1)
    reasons = {one["type"]: one["reason"] for one in room.deployment()["status"]["conditions"]}
    assert reasons == {"Available": "MinimumReplicasAvailable", "Progressing": "NewReplicaSetAvailable"}


def _processes(below: Path) -> list[int]:
    """The processes that run below a folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            inside = Path(os.readlink(folder / "cwd")).is_relative_to(below)
        except OSError:  # gone meanwhile, or not ours
            continue
        if inside:
            found.append(int(folder.name))
    return found


def test_an_autoscaler_keeps_the_fewest_pods(room: Room, greeter: str) -> None:
    room.deploy(greeter)
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2,
        "maxReplicas": 3,
    }
    room.make("apis/autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "web", spec=spec)
    eventually(lambda: room.deployment().get("status", {}).get("availableReplicas") == 2)


def test_a_namespace_takes_its_processes_with_it(room: Room, greeter: str) -> None:
    room.deploy(greeter, spec={"replicas": 2})
    eventually(lambda: room.deployment().get("status", {}).get("availableReplicas") == 2)
    uids = {pod["metadata"]["uid"] for pod in room.pods()}
    running = [pid for uid in uids for pid in _within(room.sandbox.data, uid)]
    assert len(running) == 2
    room.remove()
    eventually(lambda: not any(_within(room.sandbox.data, uid) for uid in uids))


def _within(data: Path, uid: str) -> list[int]:
    return _processes(data / "pods" / uid)


def test_after_a_kill_leftovers_end_and_pods_start_again(tmp_path: Path) -> None:
    first = start(tmp_path, "--empty")
    room = Room(first)
    room.deploy(push(first, Pushed()))
    host = room.expose()
    room.ready()
    before = _processes(tmp_path / "pods")
    assert before
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    second = start(tmp_path, "--empty", port=first.port)
    try:
        again = eventually(lambda: set(_processes(tmp_path / "pods")) - set(before))
        assert not set(before) & set(_processes(tmp_path / "pods"))
        assert len(again) == 1
        room.sandbox = second
        eventually(lambda: room.ask(host).text == "hello")
        assert room.container()["restartCount"] == 1
    finally:
        stop(second.process)
    assert _processes(tmp_path / "pods") == []


def test_ports_are_mapped_where_pods_share_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_POD_NETWORK", "mapped")
    shared = start(tmp_path, "--empty")
    try:
        room, other = Room(shared), Room(shared)
        image = push(shared, Pushed())
        room.deploy(image, spec={"replicas": 2})
        other.deploy(image, port=9090)
        host = room.expose()
        eventually(lambda: room.deployment().get("status", {}).get("availableReplicas") == 2)
        assert eventually(lambda: room.ask(host).text == "hello")
        assert "8080 is " in room.told("PortMapped")
        assert "connection refused" in other.told("Unhealthy")
    finally:
        stop(shared.process)
