"""Which edition of the golden path wrote a file, so that applications that are behind can be found and offered what is new."""

TEMPLATE = "2026-11-27"
"""The newest of `EDITIONS`. A change of what is generated adds one; a test compares what is generated with it."""

EDITIONS: dict[str, str] = {
    "2026-11-27": "Base images by digest, values of variables from a Secret, an entry for the software catalog, an autoscaler instead of a fixed number of pods.",
}
"""Edition → what it brings, in a sentence for the teams that are offered it."""


def since(edition: str) -> list[str]:
    """What came after an edition, the newest first; of an unknown one everything."""
    return [says for name, says in sorted(EDITIONS.items(), reverse=True) if name > edition]
