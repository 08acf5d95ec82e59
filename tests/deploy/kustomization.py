"""The objects of a kustomization as written in its files, without the changes of overlays."""

from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
QUEUES = DEPLOY / "kubernetes" / "queues"
AUTOSCALING = DEPLOY / "kubernetes" / "autoscaling"
TARGET = DEPLOY / "target-cluster"


def kustomization(folder: Path) -> dict[str, Any]:
    """The kustomization.yaml itself."""
    parsed: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return parsed


def objects(folder: Path) -> list[Manifest]:
    """All its objects, in the order of its `resources`."""
    manifests: list[Manifest] = []
    for name in kustomization(folder)["resources"]:
        path = folder / name
        manifests += objects(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))
    return manifests


def manifest(folder: Path, kind: str, name: str) -> Manifest:
    (match,) = [item for item in objects(folder) if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    return match


def pod(manifest: Manifest) -> dict[str, Any]:
    """The specification of the pods that a Deployment, Job or CronJob creates."""
    spec = manifest["spec"]
    specification: dict[str, Any] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    return specification


def pods(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """(name of the object, specification of its pods)."""
    kinds = ("Deployment", "Job", "CronJob")
    return [(item["metadata"]["name"], pod(item)) for item in objects(folder) if item["kind"] in kinds]


def by_name(values: list[dict[str, Any]]) -> dict[str, str]:
    """Name → value of variables or headers."""
    return {item["name"]: item["value"] for item in values}
