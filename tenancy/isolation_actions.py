"""The actions that `isolation` tries, and who may do each: in the team's namespace, towards other teams, and in the cluster."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from catalog.models import Target, Team
from generate import isolation as manifests
from integrations.cluster import ClusterReader


class Subject(StrEnum):
    """Who tries."""

    TEAM = "team"
    PIPELINE = "pipeline"
    OTHER_BRANCH = "other branch"
    POD = "pod"
    STRANGER = "stranger"
    ONRAMP = "onramp"


TEAM, PIPELINE, ONRAMP = Subject.TEAM, Subject.PIPELINE, Subject.ONRAMP


@dataclass(frozen=True)
class Action:
    """`attempt` asks the cluster as a subject sees it, and says whether it would let it happen; nothing is changed."""

    name: str
    allowed: frozenset[Subject]
    attempt: Callable[[ClusterReader], bool]


def actions(team: Team, target: Target, namespace: str) -> list[Action]:
    """Every action that is tried, those that must work first."""
    return [
        *_rights(namespace),
        *_deployments(target, namespace),
        *_reach(namespace),
        *_cluster(team, target, namespace),
    ]


def _rights(namespace: str) -> Iterator[Action]:
    """By access reviews: what nobody needs an object for."""
    yield _right("read the team's logs", "get", "Pod/log", namespace, TEAM, PIPELINE, ONRAMP)
    yield _right("run a command in a pod", "create", "Pod/exec", namespace, TEAM)
    yield _right("read Secrets", "get", "Secret", namespace)
    yield _right("list Secrets", "list", "Secret", namespace)
    yield _right("create pods", "create", "Pod", namespace, ONRAMP)  # as dry runs only: tried below
    yield _right("create tokens", "create", "ServiceAccount/token", namespace)
    yield _right("change the quota", "patch", "ResourceQuota", namespace, ONRAMP)
    yield _right("change network policies", "patch", "NetworkPolicy", namespace, ONRAMP)
    yield _right("write roles", "create", "Role", namespace)
    yield _right("change the two roles", "patch", "ClusterRole", None)
    yield _right("grant what it does not have", "escalate", "ClusterRole", None)
    yield _right("act as somebody else", "impersonate", "User", None)
    yield _right("deploy into kube-system", "create", "Deployment", "kube-system")


def _deployments(target: Target, namespace: str) -> Iterator[Action]:
    host, path = _address(target, namespace)
    yield _tried("deploy an application", manifests.deployment(namespace), PIPELINE)
    yield _tried("give it an address of the team", manifests.ingress(namespace, host, path), PIPELINE)
    yield _tried("give it a Service", manifests.service(namespace), PIPELINE)
    priority = manifests.deployment(namespace, priorityClassName="system-node-critical")
    yield _tried("deploy with a system's priority", priority)
    tolerating = manifests.deployment(namespace, tolerations=[{"operator": "Exists"}])
    yield _tried("deploy to reserved nodes", tolerating)
    yield _tried("deploy to a node of its choice", manifests.deployment(namespace, nodeName="node-1"))
    large = manifests.deployment(namespace, {"requests": {"cpu": "10m"}, "limits": {"cpu": "64"}})
    yield _tried("deploy with a limit of 64 CPUs", large)
    mounting = manifests.pod(namespace, volumes=[{"name": "node", "hostPath": {"path": "/"}}])
    yield _tried("mount a node's files", mounting)


def _reach(namespace: str) -> Iterator[Action]:
    yield _tried("claim another host", manifests.ingress(namespace, "isolation-check.invalid", "/"))
    snippet = {"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"}
    yield _tried(
        "configure the Ingress controller", manifests.ingress(namespace, "isolation-check.invalid", "/", **snippet)
    )
    yield _tried("open a port of the nodes", manifests.service(namespace, type="NodePort"))
    yield _tried("get a load balancer", manifests.service(namespace, type="LoadBalancer"))
    yield _tried("take the traffic of an address", manifests.service(namespace, externalIPs=["192.0.2.1"]))
    external = manifests.service(namespace, type="ExternalName", externalName="db.other.svc")
    yield _tried("stand for another team's Service", external)


def _cluster(team: Team, target: Target, namespace: str) -> Iterator[Action]:
    yield _tried("write any Secret", manifests.secret(namespace), TEAM)
    yield _tried("admit another pipeline", manifests.binding(namespace, "onramp-deployer", "isolation-check"), ONRAMP)
    yield _tried("become administrator", manifests.binding(namespace, "cluster-admin", "isolation-check"))
    yield _tried("change allowances", manifests.quota(target.allowance_namespace))
    yield _tried("write Secrets beside allowances", manifests.secret(target.allowance_namespace))
    yield _tried("take over another namespace", manifests.labelled_namespace("default", team.key))


def _right(name: str, verb: str, kind: str, namespace: str | None, *allowed: Subject) -> Action:
    return Action(name, frozenset(allowed), lambda cluster: cluster.may(verb, kind, namespace))


def _tried(name: str, manifest: manifests.Manifest, *allowed: Subject) -> Action:
    return Action(name, frozenset(allowed), lambda cluster: not cluster.dry_run([manifest], manifests.NAME))


def _address(target: Target, namespace: str) -> tuple[str, str]:
    """(host, path) that the team's applications may claim."""
    address = target.address.format(application=manifests.NAME, namespace=namespace)
    authority, _, path = address.partition("://")[2].partition("/")
    return authority.partition(":")[0], f"/{path}"
