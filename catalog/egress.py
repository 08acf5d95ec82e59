"""What a target's applications may reach besides the internet: ranges of addresses, each with its ports."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NEVER = [
    ipaddress.ip_network(each) for each in ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10", "fd00:ec2::/32")
]
"""The node itself, and the metadata services that hand out its credentials."""


def _range(text: str) -> str:
    """The range itself. Raises ValueError with a sentence that says what to change."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a range of addresses like 10.20.0.0/16: {error}") from error
    forbidden = next((each for each in NEVER if each.version == network.version and each.overlaps(network)), None)
    if forbidden is not None:
        raise ValueError(f"{text} contains {forbidden}, which hands out a node's credentials: name a smaller range")
    return str(network)


class EgressEntry(BaseModel):
    """One range, such as that of the databases."""

    model_config = ConfigDict(extra="forbid")

    cidr: Annotated[str, AfterValidator(_range)]
    ports: list[Annotated[int, Field(ge=1, le=65535)]] = Field(min_length=1)
