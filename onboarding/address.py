"""What was pasted, parsed into host, owner and name, and rebuilt. Nothing pasted goes any further as it came."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

MAX_LENGTH = 500
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SCP = re.compile(r"(?P<user>[A-Za-z0-9._-]+)@(?P<host>[A-Za-z0-9.-]+):(?P<path>(?!/)[^\s]+)")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FRONT_DOORS = {
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


class AddressRefused(ValueError):
    """The message is a sentence for the person who pasted it."""


@dataclass(frozen=True)
class Address:
    """A repository's place: `host` is the source host's web address from the allow-list, without a trailing slash."""

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
    """The repository that `pasted` means, on one of `hosts` (web addresses, the first is meant by `owner/name`).

    Understands https, ssh and scp forms, `owner/name`, a missing scheme, `.git`, and a link to anything inside the
    repository. Raises AddressRefused.
    """
    text = pasted.strip().strip("<>\"'").removeprefix("git clone ").strip()
    if not text:
        raise AddressRefused("Paste the address of a repository, for example " + hosts[0] + "/your-team/your-service.")
    if len(text) > MAX_LENGTH:
        raise AddressRefused(f"This is longer than an address can be ({len(text):,} characters).")
    if any(ord(character) < 33 or ord(character) == 127 for character in text):
        raise AddressRefused("There is a space or a control character inside this address.")
    if not text.isascii():
        raise AddressRefused(
            "There is a letter in this address that addresses do not have; was it typed in another script?"
        )
    if text.startswith("-"):
        raise AddressRefused("An address does not begin with a dash.")
    scp = _SCP.fullmatch(text)
    if scp:
        return _within(f"{scp['host']}", None, scp["path"], hosts, scheme="ssh")
    if not _SCHEME.match(text):
        if _looks_like_name(text):
            return _named(text.split("/"), hosts[0])
        text = f"{_scheme_of(text, hosts)}://{text}"
    return _from_url(text, hosts)


def _looks_like_name(text: str) -> bool:
    parts = text.split("/")
    return len(parts) == 2 and "." not in parts[0] and ":" not in text and "@" not in text


def _scheme_of(text: str, hosts: Sequence[str]) -> str:
    """What a browser's address bar leaves out: the scheme of the known host that it begins with."""
    known = (urlsplit(host) for host in hosts)
    return next((host.scheme for host in known if text.lower().startswith(host.netloc.lower() + "/")), "https")


def _from_url(text: str, hosts: Sequence[str]) -> Address:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise AddressRefused("This address cannot be read: its host or port is malformed.") from error
    if url.scheme not in ("https", "http", "ssh", "git+ssh", "git+https"):
        raise AddressRefused(
            f"Onramp does not use {url.scheme}:// addresses; paste the https address of the repository."
        )
    if url.password or (url.username and url.scheme not in ("ssh", "git+ssh")):
        raise AddressRefused(
            "This address carries a user name or a password; paste it without. If it was a real password, change it."
        )
    if not url.hostname:
        raise AddressRefused("This address has no host.")
    scheme = "ssh" if "ssh" in url.scheme else url.scheme.removeprefix("git+")
    return _within(url.hostname, port, url.path, hosts, scheme=scheme)


def _within(host: str, port: int | None, path: str, hosts: Sequence[str], *, scheme: str) -> Address:
    for allowed in hosts:
        known = urlsplit(allowed)
        if host.lower() != known.hostname or not _same_door(scheme, port, known):
            continue
        prefix = known.path.rstrip("/")
        if scheme != "ssh" and not (path == prefix or path.startswith(prefix + "/")):
            continue
        inner = path.removeprefix(prefix).strip("/")
        return _named(inner.split("/"), allowed)
    names = " or ".join(hosts)
    raise AddressRefused(f"Onramp does not know the host of this address. Repositories are at {names}.")


def _same_door(scheme: str, port: int | None, known: SplitResult) -> bool:
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
        raise AddressRefused("This address names no repository: it needs an owner and a name, as in owner/name.")
    if len(parts) > 2 and parts[2] not in _FRONT_DOORS and parts[2] != "":
        raise AddressRefused(f"After {owner}/{name} comes something that no repository has ({parts[2][:40]}).")
    if not _OWNER.fullmatch(owner):
        raise AddressRefused(f"“{owner[:60]}” cannot be an owner: letters, digits and single dashes, at most 39.")
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise AddressRefused(
            f"“{name[:60]}” cannot be a repository's name: letters, digits, dash, dot, underscore, at most 100."
        )
    return Address(host.rstrip("/"), owner, name)
