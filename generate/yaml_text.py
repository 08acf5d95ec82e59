"""YAML as people write it: keys in the given order, blocks for multi-line strings, comments behind values."""

import yaml

import patterns

_MARK = " #~ "
_PLAIN = patterns.compile(r"[A-Za-z][\w./@-]*")
_RESERVED_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


class _Dumper(yaml.SafeDumper):
    """Writes no aliases and indents lists."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _scalar(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    without_breaks = data.replace("\n", "")
    style = None if without_breaks == data else "|"
    style = style if without_breaks.isprintable() else '"'  # a block would turn an unusual line break into "\n"
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _scalar)


def commented(value: str, comment: str) -> str:
    """The value, marked so that `dump` writes the comment behind it. Neither may contain a single quote; both are our
    own words or checked."""
    return f"{value}{_MARK}{comment}"


def dump(data: object) -> str:
    """The data as YAML. Lines are not folded, so that a comment stays with its value."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=100_000, allow_unicode=True)
    return "\n".join(map(_with_comment, text.split("\n")))


def _with_comment(line: str) -> str:
    """Not an expression: two bounded repetitions in one need more memory than RE2 has for its fast way."""
    before, mark, comment = line.partition(_MARK)
    beginning, quote, value = before.rpartition("'")
    if not mark or not quote or not comment.endswith("'") or "'" in comment[:-1]:
        return line
    plain = _PLAIN.fullmatch(value) and value.lower() not in _RESERVED_WORDS
    return f"{beginning}{value if plain else repr(value)} # {comment[:-1]}"
