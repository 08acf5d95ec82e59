"""The `with:` of a step, as its action reads it."""

from dataclasses import dataclass

from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.workflows import expressions


@dataclass(frozen=True)
class Inputs:
    given: dict[str, str]

    @classmethod
    def of(cls, step: StepRun) -> "Inputs":
        """Evaluated in the step's scope. Raises ExpressionError."""
        values = expressions.texts(step.step.inputs, step.state.scope(step.env))
        return cls({name.lower(): text for name, text in values.items()})

    def text(self, name: str, usual: str = "") -> str:
        return self.given.get(name, "").strip() or usual

    def needed(self, name: str) -> str:
        """Raises StepFailed when it was not given."""
        if not self.text(name):
            raise StepFailed(f"Input required and not supplied: {name}")
        return self.text(name)

    def flag(self, name: str, usual: bool = False) -> bool:
        """Raises StepFailed for anything but the booleans of YAML's core schema."""
        text = self.text(name, "true" if usual else "false")
        if text.lower() not in ("true", "false"):
            raise StepFailed(f'Input does not meet YAML 1.2 "Core Schema" specification: {name}')
        return text.lower() == "true"

    def lines(self, name: str) -> list[str]:
        """A list, one item a line or separated by commas."""
        return [item.strip() for line in self.text(name).splitlines() for item in line.split(",") if item.strip()]
