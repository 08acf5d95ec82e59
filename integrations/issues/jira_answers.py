"""JIRA's answers and webhook bodies as types; only what we use, so that additions break nothing."""

from datetime import datetime

from pydantic import BaseModel, Field, RootModel

from integrations.issues import Category


class _Category(BaseModel):
    key: Category


class _Status(BaseModel):
    category: _Category = Field(alias="statusCategory")


class _Named(BaseModel):
    name: str


class _Project(BaseModel):
    key: str


class _Fields(BaseModel):
    summary: str
    project: _Project
    status: _Status
    resolution: _Named | None
    resolved: datetime | None = Field(default=None, alias="resolutiondate")
    category_changed: datetime | None = Field(default=None, alias="statuscategorychangedate")  # Cloud alone has it
    updated: datetime


class SeenIssue(BaseModel):
    id: str
    key: str
    fields: _Fields


class FoundIssues(BaseModel):
    issues: list[SeenIssue]


class Created(BaseModel):
    id: str
    key: str


class _Author(BaseModel):
    display_name: str = Field(default="", alias="displayName")


class SeenComment(BaseModel):
    id: str
    body: str
    author: _Author | None = None
    created: datetime


class SeenTransition(BaseModel):
    id: str
    name: str
    to: _Status


class WebhookBody(BaseModel):
    event: str = Field(alias="webhookEvent")
    issue: Created | None = None


class _SeenWebhook(BaseModel):
    url: str


class FoundWebhooks(RootModel[list[_SeenWebhook]]):
    pass
