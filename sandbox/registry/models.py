"""Pushed images and their tags."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone


class Image(models.Model):
    """A pushed image. Its files are unpacked at `root`."""

    name = models.CharField(max_length=300)
    digest = models.CharField(max_length=80)
    command = models.JSONField(default=list)
    """Entry point and command as one list of arguments."""
    environment = models.JSONField(default=dict)
    workdir = models.CharField(max_length=300, default="/")
    user = models.CharField(max_length=100, blank=True)
    port = models.IntegerField(null=True)
    stack = models.CharField(max_length=20, default="other")
    """`python`, `node` or `other`, depending on the base image."""
    pretended = models.JSONField(default=list)
    """The RUN lines that the build simulated instead of running them."""
    pushed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "digest"), name="image_digest"),)

    def __str__(self) -> str:
        return f"{self.name}@{self.digest}"

    @property
    def root(self) -> Path:
        """The folder that is the image's `/`."""
        folder: Path = settings.DATA / "images" / self.digest.removeprefix("sha256:")
        return folder


class Tag(models.Model):
    name = models.CharField(max_length=300)
    tag = models.CharField(max_length=128)
    image = models.ForeignKey(Image, models.CASCADE, related_name="tags")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "tag"), name="tag_once"),)

    def __str__(self) -> str:
        return f"{self.name}:{self.tag}"
