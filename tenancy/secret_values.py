"""The values of an application's variables, in the Secret that its pods read.

Values go straight to the cluster: Onramp neither stores nor logs them, and reads only the names of what is there.
"""

from collections.abc import Mapping

import generate
from integrations.cluster import cluster, cluster_reader
from integrations.secrets import hidden

MAX_LENGTH = 100_000
"""Characters of one value; a Secret holds at most a megabyte."""


def names(namespace: str, application: str) -> frozenset[str]:
    """The names of the values that are set. Raises IntegrationError."""
    return cluster_reader().secret_keys(namespace, generate.settings_of(application))


def save(namespace: str, application: str, values: Mapping[str, str]) -> None:
    """Set these values beside those that are there. Raises IntegrationError."""
    labels = {"app.kubernetes.io/name": application, "app.kubernetes.io/managed-by": "onramp"}
    with hidden(values.values()):
        cluster().set_secret_values(namespace, generate.settings_of(application), values, labels)


def is_valid(value: str) -> bool:
    return len(value) <= MAX_LENGTH and "\0" not in value
