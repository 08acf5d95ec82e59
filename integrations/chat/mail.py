"""Mail, beside chat: by SMTP as Django sends it."""

import smtplib

from django.core.mail import EmailMessage

from integrations.errors import Transient

PROVIDER = "mail"


def send(to: str, subject: str, body: str, *, key: str) -> None:
    """One message; `key` makes its Message-ID, so that a mailbox shows a repetition as one. Raises Transient."""
    domain = to.rpartition("@")[2]
    headers = {"Message-ID": f"<{key}.onramp@{domain}>", "Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(subject=subject[:200], body=body, to=[to], headers=headers).send()
    except (OSError, smtplib.SMTPException) as error:
        raise Transient(PROVIDER, "The mail server did not take the message", detail=str(error)) from error
