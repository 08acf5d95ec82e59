"""Which row a repository at the source host is: decided by the host's id of it, because names change hands."""

from django.db import transaction
from django.utils import timezone

from catalog.models import Repository
from integrations.source import RepositoryFacts


def find(host: str, facts: RepositoryFacts) -> Repository:
    """The row of this repository with what its host says of it now; nothing is stored yet.

    A row of the same name belongs to it only if that row has no id so far: otherwise another repository had the name.
    """
    owner, _, name = facts.full_name.partition("/")
    row = Repository.objects.filter(host=host, external_id=facts.id).first()
    if row is None:
        row = Repository.objects.named(host, owner, name).filter(external_id="").first() or Repository(host=host)
    if row.owner_external_id not in ("", facts.owner_id):
        row.team, row.ownership = None, ""  # transferred: its new owner is decided again
    row.owner_external_id = facts.owner_id
    row.external_id, row.owner, row.name, row.name_lost_at = facts.id, owner, name, None
    row.default_branch, row.private = facts.default_branch, facts.private
    return row


def store(row: Repository) -> None:
    """Store a row that `find` returned. Whichever row had its name before keeps everything but the name's meaning."""
    with transaction.atomic():
        namesakes = Repository.objects.named(row.host, row.owner, row.name).exclude(pk=row.pk)
        namesakes.update(name_lost_at=timezone.now())
        row.save()
