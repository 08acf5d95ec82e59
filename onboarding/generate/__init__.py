"""Writing CI/CD files and manifests: pure functions over components and choices; the same input gives the same bytes.

A language is one module here, named in `toolchains.TOOLCHAINS`.
"""

from onboarding.generate.checking import Problem, check, demand, objects
from onboarding.generate.choices import Choices, Delivery, Pipeline
from onboarding.generate.comparing import Comparison, Conflict, compare, diff
from onboarding.generate.files import File, Placement
from onboarding.generate.manifests import settings_of
from onboarding.generate.proposal import files, pull_request
from onboarding.generate.template import EDITIONS, TEMPLATE, since
from onboarding.generate.toolchains import refusal
from onboarding.generate.workflow import DEPLOY_JOB_PREFIX

__all__ = [
    "DEPLOY_JOB_PREFIX",
    "EDITIONS",
    "TEMPLATE",
    "Choices",
    "Comparison",
    "Conflict",
    "Delivery",
    "File",
    "Pipeline",
    "Placement",
    "Problem",
    "check",
    "compare",
    "demand",
    "diff",
    "files",
    "objects",
    "pull_request",
    "refusal",
    "settings_of",
    "since",
]
