"""Writes CI/CD files and manifests: pure functions of components and choices. The same input gives the same bytes.

Each language is one module in this package, listed in `toolchains.TOOLCHAINS`.
"""

from generate.checking import Problem, check, demand, objects
from generate.choices import Choices, DeliveryTool, Pipeline
from generate.comparing import Comparison, Conflict, compare, diff
from generate.editions import editions_of, since
from generate.files import File, Placement
from generate.inputs import Unsafe
from generate.manifests import settings_of
from generate.proposal import files, pull_request
from generate.toolchains import refusal
from generate.workflow_deployment import DEPLOY_JOB_PREFIX

__all__ = [
    "DEPLOY_JOB_PREFIX",
    "Choices",
    "Comparison",
    "Conflict",
    "DeliveryTool",
    "File",
    "Pipeline",
    "Placement",
    "Problem",
    "Unsafe",
    "check",
    "compare",
    "demand",
    "diff",
    "editions_of",
    "files",
    "objects",
    "pull_request",
    "refusal",
    "settings_of",
    "since",
]
