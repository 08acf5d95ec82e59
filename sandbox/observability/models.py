"""Prometheus' series and samples, and Elasticsearch's documents and index templates."""

from django.db import models


class Series(models.Model):
    """A metric name with its labels."""

    name = models.CharField(max_length=200, db_index=True)
    labels = models.JSONField()
    identity = models.CharField(max_length=64, unique=True)  # digest of name and labels

    def __str__(self) -> str:
        return self.name


class Sample(models.Model):
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="samples")
    at = models.FloatField()  # seconds since 1970, as in Prometheus' API
    value = models.FloatField()

    class Meta:
        indexes = (models.Index(fields=["series", "at"]),)

    def __str__(self) -> str:
        return f"{self.value} at {self.at}"


class Target(models.Model):
    """A URL that Prometheus scrapes, with the error of the last scrape; empty for a success."""

    url = models.CharField(max_length=500, unique=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.url


class Document(models.Model):
    """One document of an index or data stream."""

    index = models.CharField(max_length=255, db_index=True)
    identity = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    source = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["index", "identity"], name="document_identity"),)
        indexes = (models.Index(fields=["index", "-at"]),)

    def __str__(self) -> str:
        return f"{self.index}/{self.identity}"


class IndexTemplate(models.Model):
    name = models.CharField(max_length=255, unique=True)
    body = models.JSONField()

    def __str__(self) -> str:
        return self.name
