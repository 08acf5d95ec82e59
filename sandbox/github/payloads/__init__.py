"""The JSON of GitHub's responses and webhooks, one module per noun."""

from typing import Any

JSON = dict[str, Any]
