"""E-mail, sent by Django's mail backend: the server and its credentials are Django's settings `EMAIL_…`."""

import smtplib

from django.core.mail import EmailMessage, get_connection

from integrations import http
from integrations.errors import Denied, Invalid, Transient

PROVIDER = "mail"


REFUSED = 400
"""In the words of HTTP, for the record of calls: the server answered, and said no."""


def send(address: str, subject: str, body: str, *, key: str) -> None:
    """One letter. `key` becomes its Message-ID, so that mailboxes show a repeated one once.

    Raises Transient where the server does not take it now, Denied where it does not take it from us, Invalid where
    it never will.
    """
    line = " ".join(subject.split())
    connection = get_connection(timeout=http.TIMEOUT)
    letter = EmailMessage(line, body, to=[address], connection=connection, headers={"Message-ID": f"<{key}@onramp>"})
    with http.exchange(PROVIDER, "POST", f"mailto:{address}") as call:
        try:
            letter.send()
        except smtplib.SMTPAuthenticationError as error:
            call.status = REFUSED
            raise Denied(PROVIDER, "the mail server does not know us", status=401, detail=str(error)) from error
        except smtplib.SMTPRecipientsRefused as error:
            call.status = REFUSED
            code = max((code for code, _ in error.recipients.values()), default=550)
            raise _refused(code, str(error.recipients)) from error
        except smtplib.SMTPResponseException as error:
            call.status = REFUSED
            raise _refused(error.smtp_code, str(error.smtp_error)) from error
        except ValueError as error:
            raise Invalid(PROVIDER, f"{address} is no address to write to", detail=str(error)) from error
        except smtplib.SMTPException as error:
            raise Transient(PROVIDER, "the mail server broke off", detail=str(error)) from error
        call.status = 250


def _refused(code: int, detail: str) -> Transient | Invalid:
    """SMTP's 4xx passes, 5xx stays (RFC 5321, 4.2.1)."""
    if code < 500:
        return Transient(PROVIDER, "the mail server asks to come back later", detail=detail, ambiguous=False)
    return Invalid(PROVIDER, "the mail server refused the letter", detail=detail)
