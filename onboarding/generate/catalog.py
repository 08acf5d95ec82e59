"""An entry for a software catalog. https://backstage.io/docs/features/software-catalog/descriptor-format"""

from collections.abc import Sequence
from typing import Any

from onboarding.generate.files import File, Placement
from onboarding.generate.text import dumped
from onboarding.stacks import Component, Role

PATH = "catalog-info.yaml"
_TYPES = {Role.SERVICE: "service", Role.SITE: "website"}


def catalog_file(components: Sequence[Component], placement: Placement) -> File:
    """One document a component, and a system that holds them where there are several."""
    documents = [_component(one, placement, several=len(components) > 1) for one in components]
    if len(components) > 1:
        documents.insert(0, _system(placement))
    text = "".join("---\n" + dumped(one) for one in documents)
    return File(PATH, text, "tells a software catalog whose this is and where it runs")


def _system(placement: Placement) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "System",
        "metadata": {"name": _name(placement.repository)},
        "spec": {"owner": placement.team},
    }


def _component(one: Component, placement: Placement, *, several: bool) -> dict[str, Any]:
    annotations = {
        "github.com/project-slug": f"{placement.owner}/{placement.repository}",
        "backstage.io/kubernetes-namespace": placement.namespace,
        "backstage.io/kubernetes-label-selector": f"app.kubernetes.io/name={one.name}",
    }
    spec = {"type": _TYPES.get(one.role, "service"), "lifecycle": "production", "owner": placement.team}
    links = [{"url": placement.address_of(one.name), "title": "The running application"}]
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": one.name, "annotations": annotations, "links": links, **_tags(one)},
        "spec": spec | ({"system": _name(placement.repository)} if several else {}),
    }


def _tags(one: Component) -> dict[str, list[str]]:
    """Tags of a catalog are lower case and hold no signs but these."""
    kept = [tag for tag in (one.family, one.framework) if tag and all(sign.isalnum() or sign in "+#-" for sign in tag)]
    return {"tags": kept} if kept else {}


def _name(repository: str) -> str:
    return (
        "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in repository)[:63].strip("-_.") or "system"
    )
