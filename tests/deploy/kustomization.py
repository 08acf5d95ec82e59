"""The objects of a kustomization as its files have them: its resources, without what overlays change of them."""

from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
QUEUES = DEPLOY / "kubernetes" / "queues"
TARGET = DEPLOY / "target-cluster"


def described(folder: Path) -> dict[str, Any]:
    """The kustomization itself."""
    found: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return found


def objects(folder: Path) -> list[Manifest]:
    """In the order in which its `resources` name them."""
    found: list[Manifest] = []
    for name in described(folder)["resources"]:
        path = folder / name
        found += objects(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))
    return found


def one(folder: Path, kind: str, name: str) -> Manifest:
    (found,) = [item for item in objects(folder) if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    return found


def pod(manifest: Manifest) -> dict[str, Any]:
    """The specification of the pods that a Deployment, Job or CronJob makes."""
    spec = manifest["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    return found


def pods(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    kinds = ("Deployment", "Job", "CronJob")
    return [(item["metadata"]["name"], pod(item)) for item in objects(folder) if item["kind"] in kinds]


def named(values: list[dict[str, Any]]) -> dict[str, str]:
    """Variables or headers, as a dictionary."""
    return {item["name"]: item["value"] for item in values}
