"""A pasted address, parsed into host, owner and name, and rebuilt from those. Nothing pasted goes any further as it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import patterns

MAX_LENGTH = 500
_OWNER = patterns.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_NAME = patterns.compile(r"[A-Za-z0-9._-]{1,100}")
_SCP = patterns.compile(r"(?P<user>[A-Za-z0-9._-]+)@(?P<host>[A-Za-z0-9.-]+):(?P<path>[^\s/]\S*)")
_SCHEME = patterns.compile(r"[a-z][a-z0-9+.-]*://", ignore_case=True)
_SUBPAGES = {
    "tree",
    "blob",
    "pull",
    "pulls",
    "issues",
    "commit",
    "commits",
    "actions",
    "releases",
    "settings",
    "wiki",
}


class InvalidAddress(ValueError):
    """The message is a sentence for the person who pasted the address."""


@dataclass(frozen=True)
class Address:
    """A repository's address: `host` is the source host's web address from the allow-list, without a trailing slash."""

    host: str
    owner: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        return f"{self.host}/{self.full_name}"


def parse(pasted: str, hosts: Sequence[str]) -> Address:
    """The repository that `pasted` refers to, on one of `hosts` (web addresses; a bare `owner/name` refers to the first).

    Accepts https, ssh and scp forms, `owner/name`, a missing scheme, `.git`, and a link to anything inside the
    repository. Raises InvalidAddress.
    """
    text = pasted.strip().strip("<>\"'").removeprefix("git clone ").strip()
    if not text:
        raise InvalidAddress("Paste the URL of a repository, for example " + hosts[0] + "/your-team/your-service.")
    if len(text) > MAX_LENGTH:
        raise InvalidAddress(f"This address is too long ({len(text):,} characters).")
    if any(ord(character) < 33 or ord(character) == 127 for character in text):
        raise InvalidAddress("This address contains a space or a control character.")
    if not text.isascii():
        raise InvalidAddress(
            "This address contains a letter that addresses cannot have; was it typed in another script?"
        )
    if text.startswith("-"):
        raise InvalidAddress("An address cannot begin with a dash.")
    scp = _SCP.fullmatch(text)
    if scp:
        return _within(f"{scp['host']}", None, scp["path"], hosts, scheme="ssh")
    if not _SCHEME.match(text):
        if _is_full_name(text):
            return _named(text.split("/"), hosts[0])
        text = f"{_scheme_of(text, hosts)}://{text}"
    return _from_url(text, hosts)


def _is_full_name(text: str) -> bool:
    parts = text.split("/")
    return len(parts) == 2 and "." not in parts[0] and ":" not in text and "@" not in text


def _scheme_of(text: str, hosts: Sequence[str]) -> str:
    """The scheme of the allowed host that the text begins with: browsers hide it in their address bar."""
    known = (urlsplit(host) for host in hosts)
    return next((host.scheme for host in known if text.lower().startswith(host.netloc.lower() + "/")), "https")


def _from_url(text: str, hosts: Sequence[str]) -> Address:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise InvalidAddress("The host or port of this address is malformed.") from error
    if url.scheme not in ("https", "http", "ssh", "git+ssh", "git+https"):
        raise InvalidAddress(
            f"Onramp does not support {url.scheme}:// addresses; paste the https URL of the repository."
        )
    if url.password or (url.username and url.scheme not in ("ssh", "git+ssh")):
        raise InvalidAddress(
            "This address contains a user name or a password; paste it without. If the password was real, change it."
        )
    if not url.hostname:
        raise InvalidAddress("This address has no host.")
    scheme = "ssh" if "ssh" in url.scheme else url.scheme.removeprefix("git+")
    return _within(url.hostname, port, url.path, hosts, scheme=scheme)


def _within(host: str, port: int | None, path: str, hosts: Sequence[str], *, scheme: str) -> Address:
    for allowed in hosts:
        known = urlsplit(allowed)
        if host.lower() != known.hostname or not _same_origin(scheme, port, known):
            continue
        prefix = known.path.rstrip("/")
        if scheme != "ssh" and not (path == prefix or path.startswith(prefix + "/")):
            continue
        inner = path.removeprefix(prefix).strip("/")
        return _named(inner.split("/"), allowed)
    names = " or ".join(hosts)
    raise InvalidAddress(f"Onramp is not connected to this host. Use a repository on {names}.")


def _same_origin(scheme: str, port: int | None, known: SplitResult) -> bool:
    if scheme == "ssh":
        return port in (None, 22)
    if scheme == "http" and known.scheme == "https":
        return port in (None, 80) and known.port is None
    default = 443 if known.scheme == "https" else 80
    return scheme == known.scheme and (port or default) == (known.port or default)


def _named(parts: list[str], host: str) -> Address:
    owner, name = [*parts, "", ""][:2]
    name = name.removesuffix(".git")
    if not owner or not name:
        raise InvalidAddress("This address names no repository: it needs an owner and a name, such as owner/name.")
    if len(parts) > 2 and parts[2] not in _SUBPAGES and parts[2] != "":
        raise InvalidAddress(f"Repositories have no page “{parts[2][:40]}”; paste the URL of {owner}/{name} itself.")
    if not _OWNER.fullmatch(owner):
        raise InvalidAddress(f"“{owner[:60]}” is not a valid owner: use letters, digits and single dashes, at most 39.")
    if not _NAME.fullmatch(name) or name in (".", "..") or name.endswith(".git"):
        raise InvalidAddress(
            f"“{name[:60]}” is not a valid repository name: use letters, digits, dashes, dots and underscores, at most 100."
        )
    return Address(host.rstrip("/"), owner, name)
