"""One slice of a coverage-guided search: libFuzzer by way of Atheris, in a child process.

https://github.com/google/atheris: it instruments the bytecode, keeps what reaches new code, and its alarm kills a process that
hangs in C, such as in a regular expression.
"""

import hashlib
import os
import random
import re
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz import confined, failure, mutation
from tests.fuzz.parser import Document, Parser
from tests.fuzz.world import Runner

_UNITS = re.compile(rb"stat::number_of_executed_units: (\d+)")
_COVERAGE = re.compile(rb"cov: (\d+) ft: \d+ corp: (\d+)")
_EVERY = re.compile(rb"^#(\d+)", re.MULTILINE)
PARTS = ("crash-", "timeout-", "oom-")


@dataclass
class Corpus:
    """A folder with the documents that a parser's search keeps, and what it found so far."""

    parser: Parser
    folder: Path
    known: set[str] = field(default_factory=set)
    """Signatures of failures that were found already."""
    inputs: int = 0
    first_coverage: int = 0
    coverage: int = 0
    kept: int = 0
    over: bool = False
    """It hangs or needs too much memory: more of a search would find only that."""

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    @property
    def artifacts(self) -> Path:
        return self.folder.with_suffix(".found")


def corpus(parser: Parser, folder: Path, documents: list[Document]) -> Corpus:
    """Filled with these documents."""
    created = Corpus(parser, folder / parser.name)
    created.folder.mkdir()
    created.artifacts.mkdir()
    for document in documents:
        data = mutation.dumps(document)
        (created.folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
    return created


def begin(of: Corpus, seconds: float, seed: int) -> int:
    """The process id of a slice that has begun."""
    limit = confined.memory_limit() // 1_000_000
    child = os.fork()
    if child:
        return child
    try:
        confined.silence(of.log)
        confined.limit_address_space()
        _fuzz(of, int(max(1, seconds)), seed, limit)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(3)


def _fuzz(of: Corpus, seconds: int, seed: int, megabytes: int) -> None:
    import atheris  # noqa: PLC0415 - it exists only for some systems

    runner, samples = Runner(of.parser), of.parser.samples()

    def try_input(data: bytes) -> None:
        document = mutation.loads(data)
        try:
            if document is not None:
                runner.run(document)
        except Exception as error:
            signature = failure.of(error).signature
            if signature not in of.known:  # the search goes on: there may be more than one fault
                of.known.add(signature)
                (of.artifacts / f"crash-{len(of.known)}").write_bytes(data)

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        document = mutation.loads(data)
        if document is None:
            document = chance.choice(samples)
        mutated = mutation.mutate(
            document, chance, of.parser.words, lambda raw: bytes(atheris.Mutate(raw, len(raw) + 32))
        )
        changed = mutation.dumps(mutated)
        return changed if len(changed) <= max_size else data[:max_size]

    options = {
        "max_total_time": seconds,
        "seed": seed % 2**31 or 1,
        "timeout": confined.HANG_SECONDS,
        "report_slow_units": confined.HANG_SECONDS,
        "rss_limit_mb": megabytes,
        "max_len": mutation.MAX_BYTES,
        "len_control": 0,
        "print_final_stats": 1,
        "artifact_prefix": f"{of.artifacts}{os.sep}",
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], str(of.folder), *arguments], try_input, custom_mutator=change)
    atheris.Fuzz()


def end(of: Corpus) -> list[Document]:
    """Reads what the slice printed; the documents that failed in it."""
    log = of.log.read_bytes() if of.log.exists() else b""
    units = [int(number) for number in _UNITS.findall(log)] or [int(number) for number in _EVERY.findall(log)][-1:]
    of.inputs += sum(units)
    coverage = _COVERAGE.findall(log)
    if coverage:
        of.first_coverage = of.first_coverage or int(coverage[0][0])
        of.coverage, of.kept = max(of.coverage, int(coverage[-1][0])), int(coverage[-1][1])
    of.log.unlink(missing_ok=True)
    paths = [path for part in PARTS for path in sorted(of.artifacts.glob(f"{part}*"))]
    documents = [document for path in paths if (document := mutation.loads(path.read_bytes())) is not None]
    for path in of.artifacts.iterdir():
        path.unlink()
    return documents
