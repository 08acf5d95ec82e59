"""The paths of a repository that can be read: their number and their lengths decide how long everything else takes."""

from collections.abc import Sequence
from unicodedata import category

MAX_PATHS = 200_000
MAX_PATH = 1_000
"""Characters. Linux opens no path of more than 4,096 bytes."""

MAX_PARTS = 50


def readable(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """(the paths that are read, a warning for each kind that is not)."""
    kept = [path for path in paths[:MAX_PATHS] if len(path) <= MAX_PATH and path.count("/") < MAX_PARTS]
    warnings = []
    if len(paths) > MAX_PATHS:
        warnings.append(f"The repository has {len(paths):,} files. Onramp read the first {MAX_PATHS:,} paths only.")
    if len(kept) < min(len(paths), MAX_PATHS):
        warnings.append(
            f"Paths with more than {MAX_PATH:,} characters or {MAX_PARTS} folders were not read. Shorten those that matter."
        )
    named = kept if _is_plain("".join(kept)) else [path for path in kept if _is_plain(path)]
    if len(named) < len(kept):
        warnings.append("Paths with a control character, or with text that is not Unicode, were not read. Rename them.")
    return named, warnings


def _is_plain(text: str) -> bool:
    """Whether the text has neither control characters nor halves of surrogate pairs: no database stores those."""
    return text.isprintable() or not any(category(character) in ("Cc", "Cs") for character in text)
