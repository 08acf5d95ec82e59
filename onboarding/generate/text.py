"""YAML as people write it: keys in the order given, blocks for several lines, comments where a value needs a reason."""

import re

import yaml

_MARK = " #~ "
_NOTED = re.compile(rf"(?m)'([^'\n]*){_MARK}([^'\n]*)'$")
_PLAIN = re.compile(r"[A-Za-z][\w./@-]*")
_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


class _Dumper(yaml.SafeDumper):
    """No aliases, lists set in."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _scalar(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    lines = data.replace("\n", "")
    style = None if lines == data else "|"
    style = style if lines.isprintable() else '"'  # else a strange line break would be read as an ordinary one
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _scalar)


def noted(value: str, why: str) -> str:
    """The value, to be dumped with a comment behind it. Both are our own words or checked: no quotes in them."""
    return f"{value}{_MARK}{why}"


def dumped(data: object) -> str:
    """The data as YAML. Lines are not folded, so that a comment stays with its value."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=100_000, allow_unicode=True)
    return _NOTED.sub(_with_comment, text)


def _with_comment(found: re.Match[str]) -> str:
    value, why = found.groups()
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return f"{value if plain else repr(value)} # {why}"
