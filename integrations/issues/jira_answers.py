"""JIRA's answers as types, with only the fields that we use, so that new fields break nothing."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, RootModel

from integrations.answers import Items
from integrations.issues import Category


class _Category(BaseModel):
    key: Category


class _Status(BaseModel):
    category: _Category = Field(alias="statusCategory")


class _Resolution(BaseModel):
    name: str


class _Project(BaseModel):
    key: str


class _Fields(BaseModel):
    summary: str
    project: _Project
    status: _Status
    resolution: _Resolution | None
    resolved: datetime | None = Field(default=None, alias="resolutiondate")
    category_changed: datetime | None = Field(default=None, alias="statuscategorychangedate")  # only JIRA Cloud has it
    updated: datetime


class Issue(BaseModel):
    id: str
    key: str
    fields: _Fields


class SearchResult(BaseModel):
    """Of Data Center, or a page of Cloud's, which has a token unless it is the last."""

    issues: Items[Issue]
    next_token: str = Field(default="", alias="nextPageToken")
    is_last: bool = Field(default=False, alias="isLast")


class IssueReference(BaseModel):
    """The answer to the creation of an issue, and an issue in a webhook."""

    id: str
    key: str


class Myself(BaseModel):
    """Our own account; Data Center has `name`, Cloud has `accountId`."""

    display_name: str = Field(alias="displayName")


class _Author(BaseModel):
    display_name: str = Field(default="", alias="displayName")


class IssueComment(BaseModel):
    """The body is wiki markup, or a document (Cloud)."""

    id: str
    body: str | dict[str, Any]
    author: _Author | None = None
    created: datetime


class Comments(BaseModel):
    """A page of them."""

    comments: Items[IssueComment]
    total: int


class Transition(BaseModel):
    id: str
    name: str
    to: _Status


class _Webhook(BaseModel):
    url: str


class Webhooks(RootModel[Items[_Webhook]]):
    pass
