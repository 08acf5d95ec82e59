"""The simulated cluster's objects."""

from typing import Any

from django.db import models


class Object(models.Model):
    """An object of the API. `body` is the complete object; the other columns serve to look it up."""

    group = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=100)
    namespace = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=253)
    uid = models.CharField(max_length=36, unique=True)
    owner = models.CharField(max_length=36, blank=True, db_index=True)
    body: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["group", "kind", "namespace", "name"], name="one_object_of_a_name"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class Revision(models.Model):
    """The counter of the store: every write gets the next resourceVersion."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class Setting(models.Model):
    """Something of the cluster that its administrator chose: `username` is `ids` or `subject`, `deletion` (of namespaces) `fast` or
    `slow`."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"

    @classmethod
    def of(cls, name: str) -> str:
        """Empty where nothing was chosen."""
        return cls.objects.filter(name=name).values_list("value", flat=True).first() or ""
