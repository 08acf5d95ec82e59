"""The sandbox's cluster runs deployed applications, and faulty ones fail as in a real cluster."""

import ast
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.sandbox.cluster import Namespace, eventually
from tests.sandbox.images import ImageSpec, push
from tests.sandbox.process import Sandbox, start, stop

SHARED_NETWORK = "this machine gives pods no network of their own (unshare is refused)"


@pytest.fixture(scope="session")
def greeter(sandbox: Sandbox) -> str:
    return push(sandbox, ImageSpec())


@pytest.fixture
def namespace(sandbox: Sandbox) -> Iterator[Namespace]:
    created = Namespace(sandbox)
    yield created
    created.remove()


def _query(sandbox: Sandbox, query: str) -> list[dict[str, str]]:
    """The labels of the series that match."""
    response = requests.get(f"{sandbox.url}/prometheus/api/v1/query", params={"query": query}, timeout=10)
    return [point["metric"] for point in response.json()["data"]["result"]]


def test_a_deployed_application_runs_and_is_reachable_and_observable(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, env={"GREETING": "welcome"})
    host = namespace.expose()
    eventually(lambda: namespace.request(host).text == "welcome")
    status = namespace.wait_until_ready()
    assert status["imageID"].endswith(f"@{ImageSpec().digest}")
    pod = namespace.pods()[0]["metadata"]["name"]
    log = namespace.api.send("GET", f"api/v1/namespaces/{namespace.name}/pods/{pod}/log").text
    assert log.splitlines()[0] == "starting"
    series = eventually(lambda: _query(namespace.sandbox, f'greetings_total{{namespace="{namespace.name}"}}'))
    labels = {"namespace": namespace.name, "pod": pod, "app": "web", "language": "en", "job": "kubernetes-pods"}
    assert labels.items() <= series[0].items()
    assert _query(namespace.sandbox, f'container_memory_working_set_bytes{{namespace="{namespace.name}"}}')
    query = {"query": {"bool": {"filter": [{"term": {"kubernetes.namespace": namespace.name}}]}}}
    headers = {"Authorization": "ApiKey sandbox-elastic-key"}
    search = f"{namespace.sandbox.url}/elasticsearch/_search"
    lines = requests.post(search, json=query, headers=headers, timeout=10).json()["hits"]["hits"]
    assert "starting" in {line["_source"]["message"] for line in lines}


def test_the_environment_combines_manifest_and_image(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, env={"GREETING": "hi", "POINTS": "$(GREETING) there"})
    host = namespace.expose()
    namespace.wait_until_ready()
    environment = ast.literal_eval(eventually(lambda: namespace.request(host, "/environment").text))
    pod = namespace.pods()[0]["metadata"]["name"]
    path = environment.pop("PATH")
    assert path.endswith("/usr/bin:/bin")
    assert environment.pop("PORT").isdigit()
    environment.pop("LC_CTYPE", None)  # the program's own interpreter sets it (PEP 538)
    assert environment == {"GREETING": "hi", "POINTS": "hi there", "HOSTNAME": pod}


def test_a_wrong_port_fails_its_probe(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, port=9090)
    assert "connection refused" in namespace.wait_for_event("Unhealthy")
    host = namespace.expose()
    assert namespace.request(host).status_code == 503
    assert "no ready pod" in namespace.request(host).text
    assert not namespace.container()["ready"]


def test_a_wrong_path_fails_its_probe(namespace: Namespace, greeter: str) -> None:
    probe = {"httpGet": {"path": "/health", "port": 8080}}
    namespace.deploy(greeter, container={"readinessProbe": probe})
    assert eventually(lambda: "statuscode: 404" in namespace.wait_for_event("Unhealthy"))


def test_a_program_that_listens_only_on_the_loopback_is_unreachable(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, env={"BIND": "127.0.0.1"})
    namespace.wait_for_event("Started")
    if any(event["reason"] == "PortMapped" for event in namespace.objects("api/v1", "events")):
        pytest.skip(SHARED_NETWORK)
    assert "connection refused" in namespace.wait_for_event("Unhealthy")


def test_a_crash_ends_in_a_crash_loop(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, env={"CRASH": "yes"})
    status = namespace.wait_for_waiting("CrashLoopBackOff")
    assert status["lastState"]["terminated"]["exitCode"] == 3
    eventually(lambda: namespace.container()["restartCount"] >= 2)
    pod = namespace.pods()[0]["metadata"]["name"]
    path = f"api/v1/namespaces/{namespace.name}/pods/{pod}/log"
    assert namespace.api.send("GET", path, params={"previous": "true"}).text == "starting\nboom\n"


def test_a_failing_liveness_probe_restarts_the_container(namespace: Namespace, greeter: str) -> None:
    probe = {"httpGet": {"path": "/nowhere", "port": "http"}, "periodSeconds": 1, "failureThreshold": 2}
    namespace.deploy(greeter, container={"livenessProbe": probe})
    eventually(lambda: namespace.container().get("restartCount", 0) >= 1)
    assert namespace.wait_for_event("Killing") == "Container web failed liveness probe, will be restarted"


def test_pulling_a_missing_image_is_retried_until_it_is_pushed(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter.replace(":one", ":later"))
    status = namespace.wait_for_waiting("ImagePullBackOff")
    assert ":later: not found" in status["state"]["waiting"]["message"]
    push(namespace.sandbox, ImageSpec(tag="later"))
    namespace.wait_until_ready()


def test_without_a_pull_secret_the_pull_fails(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, secret="none")
    assert (
        "no pull secret of the pod opens"
        in namespace.wait_for_waiting("ImagePullBackOff")["state"]["waiting"]["message"]
    )


def test_a_container_waits_until_its_missing_secret_is_created(namespace: Namespace, greeter: str) -> None:
    source = {"secretKeyRef": {"name": "settings", "key": "greeting"}}
    namespace.deploy(greeter, container={"env": [{"name": "GREETING", "valueFrom": source}]})
    status = namespace.wait_for_waiting("CreateContainerConfigError")
    assert status["state"]["waiting"]["message"] == 'secret "settings" not found'
    namespace.create("api/v1", "Secret", "secrets", "settings", data={"other": "aGk="})
    message = f"couldn't find key greeting in Secret {namespace.name}/settings"
    eventually(lambda: namespace.container()["state"].get("waiting", {}).get("message") == message)
    namespace.create("api/v1", "Secret", "secrets", "settings", data={"greeting": "aGk="})
    namespace.wait_until_ready()
    host = namespace.expose()
    assert eventually(lambda: namespace.request(host).text == "hi")


def test_an_optional_secret_can_be_missing(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, container={"envFrom": [{"secretRef": {"name": "settings", "optional": True}}]})
    namespace.wait_until_ready()


def test_an_image_that_runs_as_root_does_not_start(namespace: Namespace) -> None:
    namespace.deploy(push(namespace.sandbox, ImageSpec(tag="root", user="")))
    message = namespace.wait_for_waiting("CreateContainerConfigError")["state"]["waiting"]["message"]
    assert message.startswith("container has runAsNonRoot and image will run as root")


def test_a_missing_program_is_an_error(namespace: Namespace) -> None:
    namespace.deploy(push(namespace.sandbox, ImageSpec(tag="misspelt", command=["pyhton", "service.py"])))
    message = namespace.wait_for_waiting("RunContainerError")["state"]["waiting"]["message"]
    assert message.endswith('exec: "pyhton": executable file not found in $PATH')


def test_an_unsupported_stack_is_simulated_and_marked(namespace: Namespace) -> None:
    namespace.deploy(
        push(namespace.sandbox, ImageSpec(tag="cobol", stack="other", command=["/app/ledger"], files={"app/x": ""}))
    )
    namespace.wait_until_ready()
    assert namespace.wait_for_event("Simulated").startswith("Nothing runs here: this machine cannot run `/app/ledger`")
    pod = namespace.pods()[0]
    assert "Nothing runs here" in pod["metadata"]["annotations"]["sandbox.onramp.dev/simulated"]
    assert "Nothing runs here" in namespace.request(namespace.expose()).text


def test_an_update_keeps_the_old_pods_until_the_new_are_ready(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, env={"GREETING": "old"}, spec={"progressDeadlineSeconds": 2})
    host = namespace.expose()
    eventually(lambda: namespace.request(host).text == "old")
    namespace.deploy(greeter.replace(":one", ":never"), env={"GREETING": "bad"}, spec={"progressDeadlineSeconds": 2})

    def exceeded() -> bool:
        conditions = {condition["type"]: condition for condition in namespace.deployment()["status"]["conditions"]}
        assert namespace.request(host).text == "old"
        return bool(conditions["Progressing"]["reason"] == "ProgressDeadlineExceeded")

    eventually(exceeded)
    status = namespace.deployment()["status"]
    assert (status["replicas"], status["updatedReplicas"], status["availableReplicas"]) == (2, 1, 1)
    namespace.deploy(greeter, env={"GREETING": "new"})

    def greeting() -> str:
        response = namespace.request(host)
        assert response.text in ("old", "new"), f"unavailable during the update: {response.status_code} {response.text}"
        return response.text

    eventually(lambda: greeting() == "new")
    eventually(lambda: namespace.deployment()["status"].get("replicas") == 1)
    reasons = {condition["type"]: condition["reason"] for condition in namespace.deployment()["status"]["conditions"]}
    assert reasons == {"Available": "MinimumReplicasAvailable", "Progressing": "NewReplicaSetAvailable"}


def _processes(parent: Path) -> list[int]:
    """The processes whose working directory is inside a folder."""
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            inside = Path(os.readlink(folder / "cwd")).is_relative_to(parent)
        except OSError:  # the process has ended, or is not ours
            continue
        if inside:
            pids.append(int(folder.name))
    return pids


def test_an_autoscaler_enforces_the_minimum_of_pods(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter)
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2,
        "maxReplicas": 3,
    }
    namespace.create("apis/autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "web", spec=spec)
    eventually(lambda: namespace.deployment().get("status", {}).get("availableReplicas") == 2)


def test_removing_a_namespace_ends_its_processes(namespace: Namespace, greeter: str) -> None:
    namespace.deploy(greeter, spec={"replicas": 2})
    eventually(lambda: namespace.deployment().get("status", {}).get("availableReplicas") == 2)
    uids = {pod["metadata"]["uid"] for pod in namespace.pods()}
    running = [pid for uid in uids for pid in _pod_processes(namespace.sandbox.data, uid)]
    assert len(running) == 2
    namespace.remove()
    eventually(lambda: not any(_pod_processes(namespace.sandbox.data, uid) for uid in uids))


def _pod_processes(data: Path, uid: str) -> list[int]:
    return _processes(data / "pods" / uid)


def test_after_a_kill_leftover_processes_end_and_pods_restart(tmp_path: Path) -> None:
    first = start(tmp_path, "--empty")
    namespace = Namespace(first)
    namespace.deploy(push(first, ImageSpec()))
    host = namespace.expose()
    namespace.wait_until_ready()
    before = _processes(tmp_path / "pods")
    assert before
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    second = start(tmp_path, "--empty", port=first.port)
    try:
        restarted = eventually(lambda: set(_processes(tmp_path / "pods")) - set(before))
        assert not set(before) & set(_processes(tmp_path / "pods"))
        assert len(restarted) == 1
        namespace.sandbox = second
        eventually(lambda: namespace.request(host).text == "hello")
        assert namespace.container()["restartCount"] == 1
    finally:
        stop(second.process)
    assert _processes(tmp_path / "pods") == []


def test_ports_are_mapped_if_pods_share_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_POD_NETWORK", "mapped")
    shared = start(tmp_path, "--empty")
    try:
        namespace, other = Namespace(shared), Namespace(shared)
        image = push(shared, ImageSpec())
        namespace.deploy(image, spec={"replicas": 2})
        other.deploy(image, port=9090)
        host = namespace.expose()
        eventually(lambda: namespace.deployment().get("status", {}).get("availableReplicas") == 2)
        assert eventually(lambda: namespace.request(host).text == "hello")
        assert "8080 is " in namespace.wait_for_event("PortMapped")
        assert "connection refused" in other.wait_for_event("Unhealthy")
    finally:
        stop(shared.process)
