"""Finds credentials in the files of the working tree: `python -m tests.leaks`. Part of `bin/test lint`.

Known formats (of clouds, source hosts, chat, keys, tokens) and random-looking texts, with detect-secrets
(https://github.com/Yelp/detect-secrets). What is public by intent is named here with its reason.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parents[1]
DETECTORS = (
    *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "CloudantDetector"),
    *(
        "DiscordBotTokenDetector",
        "GitHubTokenDetector",
        "GitLabTokenDetector",
        "IbmCloudIamDetector",
        "JwtTokenDetector",
    ),
    *(
        "MailchimpDetector",
        "NpmDetector",
        "OpenAIDetector",
        "PrivateKeyDetector",
        "PypiTokenDetector",
        "SendGridDetector",
    ),
    *("SlackDetector", "SquareOAuthDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
)
SETTINGS = {
    "plugins_used": [
        *({"name": name} for name in DETECTORS),
        {"name": "Base64HighEntropyString", "limit": 4.5},
        {"name": "HexHighEntropyString", "limit": 3.0},
    ],
    "filters_used": [{"path": "detect_secrets.filters.heuristic.is_sequential_string"}],
}
GENERATED = ("requirements/", "tests/npm/package-lock.json", "static/", "generate/pinned_actions.py")
"""Full of hashes, and written by tools or copied from elsewhere."""
HASHES = ("generate/", "tests/unit/generate/test_editions.py")
"""Commits of pinned actions, and digests of our own files."""
PUBLIC = {
    **dict.fromkeys(("alice", "password", "secret", "word"), "a word in an example of an address with a password"),
    **dict.fromkeys(("{self._password}", "{password}"), "filled in when it runs"),
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904": "git's empty tree",
    "0123456789abcdef0123456789abcdef01234567": "a commit of the tests",
    "4f6d1c3a9b8e7d6c5b4a39281706f5e4d3c2b1a0": "a commit of the tests",
    "1234567890123456789012345678901234567890": "a commit of the tests",
    "bcdfghjklmnpqrstvwxz2456789": "the letters of generated names",
    "abcdefghijklmnopqrstuvwxyz0123456789-": "the letters of a folder's name",
}
"""Text → why everybody may know it."""


def files() -> list[str]:
    """What git knows of, or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if not name.startswith(GENERATED) and (ROOT / name).is_file()]


def leaks(names: Iterable[str], root: Path = ROOT) -> Iterator[tuple[str, int, str, str]]:
    """(file, line, kind, text) of each credential that is not public."""
    with transient_settings(SETTINGS):
        for name in names:
            for secret in scan_file(str(root / name)):
                if secret.secret_value not in PUBLIC and not (
                    name.startswith(HASHES) and secret.type.startswith("Hex")
                ):
                    yield name, secret.line_number, secret.type, secret.secret_value or ""


def main() -> int:
    findings = list(leaks(files()))
    for name, line, kind, text in findings:
        sys.stderr.write(f"{name}:{line}: {kind} {text[:4]}…\n")
    if findings:
        sys.stderr.write(
            "These look like credentials. Remove them, and replace them where they are valid: everybody with the repository has them. "
            "If everybody may know one, add it to PUBLIC in tests/leaks.py with the reason.\n"
        )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
