"""A target's pattern of addresses, such as https://{application}.{namespace}.apps.example/.

Two applications must never get the same address, so {application} and {namespace} each fill a whole label of the host name or a
whole part of the path. The cluster's policies compare the Ingresses of a namespace with the pattern.
"""

import re
from urllib.parse import urlsplit

APPLICATION, NAMESPACE = "{application}", "{namespace}"
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"


def checked(pattern: str) -> str:
    """The pattern itself. Raises ValueError with a sentence that says what to change."""
    problem = _problem(pattern)
    if problem:
        raise ValueError(f"{problem}; write it like https://{APPLICATION}.{NAMESPACE}.apps.example/")
    return pattern


def may_claim(pattern: str, url: str) -> bool:
    """Whether some application could get the host of this URL."""
    host = re.escape(_host(pattern)).replace(re.escape(APPLICATION), _LABEL).replace(re.escape(NAMESPACE), _LABEL)
    return re.fullmatch(host, urlsplit(url).hostname or "") is not None


def _problem(pattern: str) -> str:
    scheme, separator, _ = pattern.partition("://")
    if scheme not in ("http", "https") or not separator:
        return "the address begins with neither https:// nor http://"
    if re.search(r"[\s?#@%\\]", pattern):
        return "the address may contain only a host, a port and a path"
    for name in (APPLICATION, NAMESPACE):
        if pattern.count(name) != 1:
            return f"the address must contain {name} exactly once, or two applications could get the same address"
    return _problem_of_parts(_host(pattern).split("."), _path(pattern))


def _problem_of_parts(labels: list[str], path: str) -> str:
    for part in [*labels, *path.strip("/").split("/")]:
        if "{" in part and part not in (APPLICATION, NAMESPACE):
            return f"{part!r} lets two teams claim the same address: put only dots or slashes next to a placeholder"
    if any("{" not in label and not re.fullmatch(_LABEL, label) for label in labels):
        return f"{'.'.join(labels)!r} is not a host name in lower case"
    if path and not re.fullmatch(r"(/([a-z0-9][-a-z0-9._]*|\{\w+\}))*/?", path):
        return f"{path!r} is not a path of letters, digits and hyphens in lower case"
    return ""


def _host(pattern: str) -> str:
    """Without the port; urlsplit would refuse the braces of some patterns."""
    return re.sub(r":\d+$", "", pattern.partition("://")[2].partition("/")[0])


def _path(pattern: str) -> str:
    _, slash, path = pattern.partition("://")[2].partition("/")
    return slash + path
