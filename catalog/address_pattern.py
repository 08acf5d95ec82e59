"""A target's pattern of addresses, such as https://{application}.{namespace}.apps.example/.

Two applications must never get the same address, so {application} and {namespace} each fill a whole label of the host name or a
whole part of the path. The cluster's policies compare the Ingresses of a namespace with the pattern.
"""

from urllib.parse import urlsplit

import patterns

APPLICATION, NAMESPACE = "{application}", "{namespace}"
_LABEL = patterns.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_FOREIGN = patterns.compile(r"[\s?#@%\\]")
_PATH = patterns.compile(r"(/([a-z0-9][-a-z0-9._]*|\{\w+\}))*/?")
_PORT = patterns.compile(r":\d+$")


def checked(pattern: str) -> str:
    """The pattern itself. Raises ValueError with a sentence that says what to change."""
    problem = _problem(pattern)
    if problem:
        raise ValueError(f"{problem}; write it like https://{APPLICATION}.{NAMESPACE}.apps.example/")
    return pattern


def may_claim(pattern: str, url: str) -> bool:
    """Whether some application could get the host of this URL."""
    labels, claimed = _host(pattern).split("."), (urlsplit(url).hostname or "").split(".")
    return len(labels) == len(claimed) and all(map(_fits, labels, claimed))


def _fits(label: str, claimed: str) -> bool:
    """Whether this label of a pattern could be that label of a host."""
    return bool(_LABEL.fullmatch(claimed)) if label in (APPLICATION, NAMESPACE) else label == claimed


def _problem(pattern: str) -> str:
    scheme, separator, _ = pattern.partition("://")
    if scheme not in ("http", "https") or not separator:
        return "the address begins with neither https:// nor http://"
    if _FOREIGN.search(pattern):
        return "the address may contain only a host, a port and a path"
    for name in (APPLICATION, NAMESPACE):
        if pattern.count(name) != 1:
            return f"the address must contain {name} exactly once, or two applications could get the same address"
    return _problem_of_parts(_host(pattern).split("."), _path(pattern))


def _problem_of_parts(labels: list[str], path: str) -> str:
    for part in [*labels, *path.strip("/").split("/")]:
        if "{" in part and part not in (APPLICATION, NAMESPACE):
            return f"{part!r} lets two teams claim the same address: put only dots or slashes next to a placeholder"
    if any("{" not in label and not _LABEL.fullmatch(label) for label in labels):
        return f"{'.'.join(labels)!r} is not a host name in lower case"
    if path and not _PATH.fullmatch(path):
        return f"{path!r} is not a path of letters, digits and hyphens in lower case"
    return ""


def _host(pattern: str) -> str:
    """Without the port; urlsplit would refuse the braces of some patterns."""
    authority = pattern.partition("://")[2].partition("/")[0]
    port = _PORT.search(authority)
    return authority[: port.start()] if port else authority


def _path(pattern: str) -> str:
    _, slash, path = pattern.partition("://")[2].partition("/")
    return slash + path
