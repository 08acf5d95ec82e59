"""Mutations of a document that keep it a document: values of another kind, texts with other bytes, manifests within manifests."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.fuzz.parser import Document

Bytes = Callable[[bytes], bytes]
"""A mutation of raw bytes; the engine's own knows which bytes the code compares with."""
Path = tuple[str | int, ...]
MAX_BYTES = 200_000
"""Of a whole document. Everything that reads one is bounded by more than that, and each try should be quick."""
MAX_REPEATED = 60_000
MAX_DEPTH = 40
"""Of the places that are changed. Deeper nesting comes from texts, which parsers read themselves."""

STRANGE: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 65_536, 2**31, 2**63, 2**64, 10**30, 1e300, -0.0, 0.1, "", [], {}, [[]], [None], {"": None}),
    *("\x00", "\ud800", "\udfff", "\u2028", "\u202e", "é", "ß", "\ufeff", "\r\n", "${{ secrets.X }}", "{{ x }}", "${X}", "$(id)"),
    *("../..", "/", "//", "-", "--", "*", "**", ".", "'", '"', "`", "\\", "%s", "%00", "\\u0000", "null", "true", "1e999", "NaN"),
)  # fmt: skip


def dumps(document: Document) -> bytes:
    """ASCII, so that any text survives."""
    return json.dumps(document, ensure_ascii=True).encode()


def loads(data: bytes) -> Document | None:
    """None for bytes that are no document."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def as_bytes(text: str) -> bytes:
    """The bytes that a text of a document stands for: one that a mutation made no UTF-8 again, or half a surrogate pair."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def mutate(document: Document, chance: random.Random, words: Sequence[str], raw: Bytes) -> Document:
    """The document with one to four changes, in new containers."""
    copy = json.loads(dumps(document))
    for _ in range(chance.choice((1, 1, 2, 4))):
        copy = _changed(copy, chance, words, raw)
    return copy


def _changed(document: Document, chance: random.Random, words: Sequence[str], raw: Bytes) -> Document:
    place = chance.choice(list(paths(document)))
    value = at(document, place)
    if isinstance(value, str) and value[:1] in ("{", "[") and chance.random() < 0.6:
        return put(document, place, _within_json(value, chance, words, raw))
    kind = chance.random()
    if kind < 0.15:
        return put(document, place, chance.choice((*STRANGE, *words)))
    if kind < 0.25:
        return put(document, place, at(document, chance.choice(list(paths(document)))))
    if isinstance(value, str):
        return put(document, place, _text(value, chance, words, raw))
    if isinstance(value, dict | list):
        return put(document, place, _container(value, chance, words))
    return put(document, place, _number(value, chance))


def _within_json(text: str, chance: random.Random, words: Sequence[str], raw: Bytes) -> str:
    """A manifest that is JSON stays JSON, with something in it changed."""
    inner = loads(text.encode(errors="replace"))
    if inner is None:
        return _text(text, chance, words, raw)
    return json.dumps(_changed(inner, chance, words, raw), ensure_ascii=chance.random() < 0.5)


def _text(text: str, chance: random.Random, words: Sequence[str], raw: Bytes) -> str:
    kind, start = chance.random(), chance.randint(0, len(text))
    end = min(len(text), start + chance.choice((0, 1, 4, 16, 64)))
    if kind < 0.3:
        return raw(as_bytes(text)).decode("utf-8", "surrogateescape")
    if kind < 0.55:
        return text[:start] + str(chance.choice((*STRANGE, *words))) + text[end:]
    if kind < 0.65:
        piece = text[start:end] or str(chance.choice((*words, "a")))
        return text[:start] + piece * min(chance.choice((2, 40, 5_000)), MAX_REPEATED // len(piece) + 1) + text[end:]
    if kind < 0.8:
        return text[:start] + text[end:]
    lines = text.splitlines(keepends=True)
    chance.shuffle(lines)
    return "".join(lines)


def _container(value: Any, chance: random.Random, words: Sequence[str]) -> Any:
    if not value:
        return chance.choice((*STRANGE, *words))
    kind = chance.random()
    if isinstance(value, list):
        items = list(value)
        chosen = chance.randrange(len(items))
        if kind < 0.4:
            del items[chosen]
        else:
            items[chosen:chosen] = [items[chosen]] * chance.choice((1, 2, 50))
        return items
    name = chance.choice(list(value))
    renamed = str(chance.choice((*STRANGE, *words, name + "x", name * 3)))
    if kind < 0.35:
        return {key: item for key, item in value.items() if key != name}
    if kind < 0.7:
        return {renamed if key == name else key: item for key, item in value.items()}
    return {**value, renamed: value[name]}


def _number(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool) or value is None:
        return chance.choice(STRANGE)
    return chance.choice((-value, value + 1, value * 2, value * 10**12, str(value), [value]))


def paths(document: Document, before: Path = ()) -> Iterator[Path]:
    """The places of all values, the document's own first."""
    yield before
    if len(before) > MAX_DEPTH:
        return
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield from paths(value, (*before, key))


def at(document: Document, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def put(document: Document, path: Path, value: Any) -> Document:
    """The document with a copy of this value at the path; its containers are changed in place."""
    value = json.loads(dumps(value))
    if not path:
        return value
    at(document, path[:-1])[path[-1]] = value
    return document
