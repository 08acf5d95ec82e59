"""The repository's entry in a software catalog.
https://backstage.io/docs/features/software-catalog/descriptor-format"""

from collections.abc import Sequence
from typing import Any

from generate.files import File, Placement
from generate.yaml_text import dump
from stacks import Component, Role

PATH = "catalog-info.yaml"
_TYPES = {Role.SERVICE: "service", Role.SITE: "website"}


def catalog_file(components: Sequence[Component], placement: Placement) -> File:
    """One document per component, and a system that contains them if there are several."""
    several = len(components) > 1
    documents = [_component(component, placement, several=several) for component in components]
    if several:
        documents.insert(0, _system(placement))
    text = "".join("---\n" + dump(document) for document in documents)
    return File(PATH, text, "registers the owner and the address in the software catalog")


def _system(placement: Placement) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "System",
        "metadata": {"name": _name(placement.repository)},
        "spec": {"owner": placement.team},
    }


def _component(component: Component, placement: Placement, *, several: bool) -> dict[str, Any]:
    annotations = {
        "github.com/project-slug": f"{placement.owner}/{placement.repository}",
        "backstage.io/kubernetes-namespace": placement.namespace,
        "backstage.io/kubernetes-label-selector": f"app.kubernetes.io/name={component.name}",
    }
    spec = {"type": _TYPES.get(component.role, "service"), "lifecycle": "production", "owner": placement.team}
    links = [{"url": placement.address_of(component.name), "title": "The running application"}]
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": component.name, "annotations": annotations, "links": links, **_tags(component)},
        "spec": spec | ({"system": _name(placement.repository)} if several else {}),
    }


def _tags(component: Component) -> dict[str, list[str]]:
    """Tags are lower case and allow no characters but letters, digits, `+`, `#` and `-`."""
    tags = [tag for tag in (component.family, component.framework) if tag and _is_tag(tag)]
    return {"tags": tags} if tags else {}


def _is_tag(text: str) -> bool:
    return all(character.isalnum() or character in "+#-" for character in text)


def _name(repository: str) -> str:
    name = "".join(character if character.isalnum() or character in "-_." else "-" for character in repository)
    return name[:63].strip("-_.") or "system"
