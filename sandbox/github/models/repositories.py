"""Repositories, access to them, and the protection of their branches."""

from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Repository(models.Model):
    """A repository. Its content is a bare git repository at `path`."""

    owner = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    private = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    default_branch = models.CharField(max_length=200, default="main")
    actions_enabled = models.BooleanField(default=True)
    allowed_actions = models.CharField(max_length=20, default="all")
    next_runs = models.CharField(max_length=20, blank=True)
    """What becomes of runs that begin from now on, instead of running: one of `runs.FATES`."""
    subject_claim = models.JSONField(default=dict)
    """The customisation of `sub` in OIDC tokens: `use_default`, `include_claim_keys` and `use_immutable_subject`, where set."""
    break_next = models.TextField(blank=True)
    """Printed by the first job of the next run before it fails on purpose; normally empty."""
    seen_refs = models.JSONField(default=dict)
    """The refs as they were last announced. Differences that remain after a crash are announced at the next start."""
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    pushed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(Lower("owner"), Lower("name"), name="repository_name"),)

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def path(self) -> Path:
        folder: Path = settings.DATA / "git" / self.owner / f"{self.name}.git"
        return folder

    def move(self, owner: str, name: str) -> None:
        """Its former address leads here until another repository takes it."""
        FormerName.objects.update_or_create(owner=self.owner, name=self.name, defaults={"repository": self})
        before, self.owner, self.name = self.path, owner, name
        self.path.parent.mkdir(parents=True, exist_ok=True)
        before.rename(self.path)
        self.save()

    def protection_of(self, branch: str) -> "BranchProtection | None":
        """The rule of this branch; an exact name takes precedence over a pattern."""
        rules = sorted(self.protections.all(), key=lambda rule: "*" in rule.pattern)
        return next((rule for rule in rules if fnmatchcase(branch, rule.pattern)), None)


class FormerName(models.Model):
    """A name that a repository had before it was renamed."""

    owner = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="former_names")

    class Meta:
        constraints = (models.UniqueConstraint(Lower("owner"), Lower("name"), name="former_name"),)

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


class Access(models.Model):
    """The permission of a team or a person in a repository. A person's row overrides those of their teams."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="accesses")
    team = models.CharField(max_length=100, blank=True)
    login = models.CharField(max_length=100, blank=True)
    permission = models.CharField(max_length=10)  # one of `access.LEVELS`

    class Meta:
        verbose_name_plural = "accesses"
        constraints = (
            models.UniqueConstraint(fields=("repository", "team", "login"), name="access_once"),
            models.CheckConstraint(
                name="access_team_or_login",
                condition=models.Q(team="", login__gt="") | models.Q(team__gt="", login=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.team or self.login}: {self.permission}"


class BranchProtection(models.Model):
    """A classic branch protection rule. `rules` is the body of `PUT …/protection` as it was sent."""

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="protections")
    pattern = models.CharField(max_length=200)
    rules = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("repository", "pattern"), name="protection_pattern"),)

    def __str__(self) -> str:
        return self.pattern

    @property
    def enforce_admins(self) -> bool:
        return bool(self.rules.get("enforce_admins"))

    @property
    def required_reviews(self) -> int:
        reviews = self.rules.get("required_pull_request_reviews")
        return int(reviews.get("required_approving_review_count", 1)) if reviews is not None else 0

    @property
    def required_checks(self) -> list[str]:
        status = self.rules.get("required_status_checks") or {}
        return sorted({*status.get("contexts", []), *(check["context"] for check in status.get("checks", []))})

    @property
    def strict(self) -> bool:
        """Whether a pull request must be up to date with its base before it is merged."""
        return bool((self.rules.get("required_status_checks") or {}).get("strict"))

    @property
    def requires_pull_request(self) -> bool:
        return self.rules.get("required_pull_request_reviews") is not None

    def allows_push(self, login: str, teams: set[str]) -> bool:
        """Whether the rule's restrictions allow this person to push at all."""
        restrictions = self.rules.get("restrictions")
        if restrictions is None:
            return True
        return login in restrictions.get("users", []) or bool(teams & set(restrictions.get("teams", [])))
