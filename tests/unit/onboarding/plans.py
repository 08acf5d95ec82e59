"""The smallest content that a plan can have."""

from onboarding.plans.content import Content, PlannedComponent, PlannedSetting


def content(*, required: str = "") -> Content:
    """With one application; `required` is a variable that needs a value."""
    settings = (
        [PlannedSetting(name=required, default=None, secret=True, path="app.py", required=True)] if required else []
    )
    return Content(
        repository="acme/parcel-tracker",
        head="a" * 40,
        tree="b" * 40,
        branch="onramp/onboard-aaaaaaa",
        default_branch="main",
        namespace="storefront",
        providers={},
        corrections=[],
        components=[_component(settings)],
        unknown="",
        looked_at=[],
        files=[],
        conflicts=[],
        objects=[],
        predicted_blockers=[],
        warnings=[],
        title="Onboard",
        body="",
        message="Onboard",
    )


def _component(settings: list[PlannedSetting]) -> PlannedComponent:
    return PlannedComponent(
        name="parcel-tracker",
        root="",
        family="python",
        language="Python",
        version="3.12",
        framework="",
        start=["python", "app.py"],
        test=[],
        port=8080,
        health_path="/",
        metrics_path="",
        confidence="sure",
        evidence=[],
        settings=settings,
        address="http://parcel-tracker.storefront.example",
        demand={},
    )
