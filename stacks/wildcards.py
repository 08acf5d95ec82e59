"""Globs of workspace members, matched in steps that the lengths of the glob and of the path bound."""


def matches(glob: str, path: str) -> bool:
    """`*` matches within one folder's name, `**` at least one folder. https://github.com/isaacs/minimatch#features."""
    parts = path.split("/")
    positions = {0}
    for piece in glob.removeprefix("./").rstrip("/").split("/"):
        if not positions:
            return False
        if piece == "**":
            positions = set(range(min(positions) + 1, len(parts) + 1))
        else:
            positions = {at + 1 for at in positions if at < len(parts) and _fits(piece, parts[at])}
    return len(parts) in positions


def _fits(piece: str, name: str) -> bool:
    """Whether the texts between the stars come in this order; the leftmost place of each is as good as any other."""
    first, *rest = piece.split("*")
    if not rest:
        return piece == name
    *middle, last = rest
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    position, end = len(first), len(name) - len(last)
    for text in middle:
        start = name.find(text, position, end)
        if start < 0:
            return False
        position = start + len(text)
    return True
