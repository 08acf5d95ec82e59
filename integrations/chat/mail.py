"""E-mail, sent by Django's mail backend; the server and its credentials are Django's settings `EMAIL_…`."""

import smtplib

from django.core.mail import EmailMessage, get_connection

from integrations import http
from integrations.errors import Denied, Invalid, Transient

PROVIDER = "mail"
ACCEPTED = 250
REFUSED = 400
"""An HTTP status for the record of calls: the server answered and refused."""


def send(address: str, subject: str, body: str, *, key: str) -> None:
    """Send one e-mail. `key` becomes its Message-ID, so that mailboxes show a repeated one once.

    Raises Transient if the server may accept it later, Denied if it refuses our login, and Invalid if it will never
    accept it.
    """
    headers = {"Message-ID": f"<{key}@onramp>"}
    connection = get_connection(timeout=http.TIMEOUT)
    email = EmailMessage(" ".join(subject.split()), body, to=[address], connection=connection, headers=headers)
    with http.exchange(PROVIDER, "POST", f"mailto:{address}") as call:
        try:
            email.send()
        except smtplib.SMTPAuthenticationError as error:
            call.status = REFUSED
            raise Denied(PROVIDER, "the mail server refuses our login", status=401, detail=str(error)) from error
        except smtplib.SMTPRecipientsRefused as error:
            call.status = REFUSED
            code = max((code for code, _ in error.recipients.values()), default=550)
            raise _refused(code, str(error.recipients)) from error
        except smtplib.SMTPResponseException as error:
            call.status = REFUSED
            raise _refused(error.smtp_code, str(error.smtp_error)) from error
        except ValueError as error:
            raise Invalid(PROVIDER, f"{address} is not an e-mail address", detail=str(error)) from error
        except smtplib.SMTPException as error:
            raise Transient(PROVIDER, "the mail server closed the connection", detail=str(error)) from error
        call.status = ACCEPTED


def _refused(code: int, detail: str) -> Transient | Invalid:
    """SMTP's 4xx is temporary, 5xx is permanent (RFC 5321, 4.2.1)."""
    if code < 500:
        return Transient(PROVIDER, "the mail server cannot accept it right now", detail=detail, ambiguous=False)
    return Invalid(PROVIDER, "the mail server refused the e-mail", detail=detail)
