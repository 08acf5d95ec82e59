"""Field managers, and the ownership of an object's fields that its managedFields record."""

from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import fields
from sandbox.kubernetes.fields import Fields

Body = dict[str, Any]


@dataclass(frozen=True)
class Manager:
    name: str
    operation: str
    api_version: str

    def notation(self) -> str:
        """The manager as a conflict prints it; only an updater has its version."""
        using = f" using {self.api_version}" if self.operation == "Update" else ""
        return f'"{self.name}"{using}'


@dataclass
class Ownership:
    """The managedFields of an object. `times` is the last change of each manager."""

    owned: dict[Manager, Fields]
    times: dict[Manager, str]

    @classmethod
    def read(cls, body: Body) -> "Ownership":
        owned, times = {}, {}
        for entry in body.get("metadata", {}).get("managedFields", []):
            manager = Manager(entry["manager"], entry["operation"], entry["apiVersion"])
            owned[manager] = fields.from_tree(entry["fieldsV1"])
            times[manager] = entry["time"]
        return cls(owned, times)

    def entries(self) -> list[Body]:
        """The managedFields in a real server's order: applies first, then by time and name."""
        managers = [manager for manager, owned in self.owned.items() if owned]
        managers.sort(key=lambda manager: (manager.operation != "Apply", self.times[manager], manager.name))
        return [self._entry(manager) for manager in managers]

    def _entry(self, manager: Manager) -> Body:
        return {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": manager.api_version,
            "time": self.times[manager],
            "fieldsType": "FieldsV1",
            "fieldsV1": fields.to_tree(self.owned[manager]),
        }

    def owned_by_others(self, manager: Manager) -> Fields:
        return frozenset().union(*(owned for other, owned in self.owned.items() if other != manager))

    def assign(self, manager: Manager, owned: Fields, now: str) -> None:
        """Set the fields of a manager. Its time changes only if they do."""
        if self.owned.get(manager) != owned:
            self.times[manager] = now
        self.owned[manager] = owned

    def release(self, paths: Fields, keeper: Manager) -> None:
        """Remove the fields from every manager except `keeper`."""
        for manager in self.owned:
            if manager != keeper:
                self.owned[manager] = self.owned[manager] - paths
