"""The `with:` of a step, as its action reads it."""

from dataclasses import dataclass

from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.workflows import expressions


@dataclass(frozen=True)
class Inputs:
    values: dict[str, str]

    @classmethod
    def of(cls, step: StepRun) -> "Inputs":
        """Evaluated in the step's scope. Raises ExpressionError."""
        values = expressions.string_values(step.step.inputs, step.state.scope(step.env))
        return cls({name.lower(): text for name, text in values.items()})

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, "").strip() or default

    def required(self, name: str) -> str:
        """Raises StepFailed when the input is missing."""
        if not self.text(name):
            raise StepFailed(f"Input required and not supplied: {name}")
        return self.text(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """Raises StepFailed when the input is not a boolean of YAML's core schema."""
        text = self.text(name, "true" if default else "false")
        if text.lower() not in ("true", "false"):
            raise StepFailed(f'Input does not meet YAML 1.2 "Core Schema" specification: {name}')
        return text.lower() == "true"

    def lines(self, name: str) -> list[str]:
        """A list, with one item per line or separated by commas."""
        return [item.strip() for line in self.text(name).splitlines() for item in line.split(",") if item.strip()]
