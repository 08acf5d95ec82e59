"""The `jira` library as a thin layer: no request on construction, none repeated, and every request is one exchange."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import requests
from jira import JIRA, JIRAError
from pydantic import SecretStr, ValidationError

from integrations import answers, http, secrets
from integrations.errors import IntegrationError, Invalid, Transient, from_status

PROVIDER = "jira"


def client(url: str, user: str, token: SecretStr) -> JIRA:
    """With a user, `token` is its API token (Cloud, whose API is version 3); without one, a personal access token."""
    value = token.get_secret_value()
    secrets.remember_login(user, value)
    access: dict[str, Any] = {"basic_auth": (user, value)} if user else {"token_auth": value}
    version: dict[str, str | bool | Any] = {"rest_api_version": "3" if user else "2"}
    client = JIRA(url, options=version, get_server_info=False, max_retries=0, timeout=http.TIMEOUT, **access)
    http.bounded(client._session, PROVIDER)
    return client


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns every exception of the library, and of the parsing of its answers, into an IntegrationError."""
    try:
        yield
    except JIRAError as error:
        raise _error(error) from error
    except ValidationError as error:
        raise Invalid(PROVIDER, answers.MESSAGE, detail=str(error)[:1000]) from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, NotImplementedError) as error:
        raise Invalid(PROVIDER, answers.MESSAGE, detail=repr(error)[:1000]) from error
    except requests.RequestException as error:
        raise Transient(PROVIDER, "the connection failed", detail=str(error)[:1000]) from error


def _error(error: JIRAError) -> IntegrationError:
    response, text = error.response, error.text or "no message"
    if response is None or not error.status_code:
        return Transient(PROVIDER, text)
    if error.status_code == HTTPStatus.CONFLICT:  # somebody else is changing the same ticket
        return Transient(PROVIDER, text[:300], ambiguous=False)
    return from_status(PROVIDER, error.status_code, text[:300], response.headers, detail=response.text[:1000])
