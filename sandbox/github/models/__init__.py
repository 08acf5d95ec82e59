"""The database of the simulated GitHub. File contents and history are in the git repositories."""

from sandbox.github.models.hooks import Delivery, Hook
from sandbox.github.models.pulls import Pull, Review
from sandbox.github.models.repositories import Access, BranchProtection, FormerName, Repository
from sandbox.github.models.runs import CheckRun, Job, Workflow, WorkflowRun
from sandbox.github.models.tokens import JobToken, OAuthCode

__all__ = [
    "Access",
    "BranchProtection",
    "CheckRun",
    "Delivery",
    "FormerName",
    "Hook",
    "Job",
    "JobToken",
    "OAuthCode",
    "Pull",
    "Repository",
    "Review",
    "Workflow",
    "WorkflowRun",
]
