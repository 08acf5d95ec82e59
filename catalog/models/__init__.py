"""Organisations, teams and people, and what they run: repositories, targets, applications."""

from catalog.models.applications import Application, ApplicationQuerySet, Axis, Health, Status
from catalog.models.people import MAX_LABEL, Membership, Organisation, Person, Team, TeamQuerySet, team_key
from catalog.models.places import PRODUCTION, Ownership, Repository, Target
from catalog.models.tokens import ApiToken

__all__ = [
    "MAX_LABEL",
    "PRODUCTION",
    "ApiToken",
    "Application",
    "ApplicationQuerySet",
    "Axis",
    "Health",
    "Membership",
    "Organisation",
    "Ownership",
    "Person",
    "Repository",
    "Status",
    "Target",
    "Team",
    "TeamQuerySet",
    "team_key",
]
