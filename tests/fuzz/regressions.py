"""Documents that once broke a promise: one small file each, in tests/fuzz/regressions/PARSER/."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.failure import Failure
from tests.fuzz.parser import Document

FOLDER = Path(__file__).parent / "regressions"


def of(parser: str, folder: Path = FOLDER) -> Iterator[tuple[Path, Document]]:
    """(file, document) of each, in the order of their names."""
    for path in sorted((folder / parser).glob("*.json")):
        yield path, json.loads(path.read_bytes())


def save(parser: str, document: Document, fault: Failure, folder: Path = FOLDER) -> Path:
    """The file; its name says what broke."""
    text = json.dumps(document, indent=1, ensure_ascii=True) + "\n"
    title = re.sub(r"[^a-z0-9]+", "-", fault.signature.lower()).strip("-")[:80]
    path = folder / parser / f"{title}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
