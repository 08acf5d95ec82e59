"""Organisations, teams and people, and what they run: repositories, targets, applications."""

from catalog.models.applications import Application, ApplicationQuerySet, Axis, Health, Status
from catalog.models.people import Membership, Organisation, Person, Team, TeamQuerySet
from catalog.models.places import Repository, Target
from catalog.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "Application",
    "ApplicationQuerySet",
    "Axis",
    "Health",
    "Membership",
    "Organisation",
    "Person",
    "Repository",
    "Status",
    "Target",
    "Team",
    "TeamQuerySet",
]
