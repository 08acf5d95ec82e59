"""People's edits to components, as the API's JSON and as the fields of the plan page's form."""

from pydantic import ValidationError

import generate
from onboarding.pages import plan_form
from onboarding.plans import components as planned
from onboarding.plans import corrections
from onboarding.plans.content import Content, Correction, FileConflict, PlannedComponent
from onboarding.plans.preflight import RequestRejected
from tests.fuzz.oracles import sentence, storable
from tests.fuzz.parser import Document, Parser
from tests.fuzz.targets.repositories import our_expressions, proposal_of
from tests.unit.generate.proposals import PLACEMENT, STACKS, components

COMPONENTS = list(components(STACKS["pip"]))
NAME = COMPONENTS[0].name
CONFLICT = "deploy/shop/service.yaml"


def edit(document: Document) -> None:
    """A list of corrections, as the API accepts them."""
    try:
        edits = [Correction.model_validate(each) for each in document] if isinstance(document, list) else []
    except ValidationError:
        return
    _apply(edits)


def fill_in(document: Document) -> None:
    """Field → text, as a form sends it."""
    pairs = document.items() if isinstance(document, dict) else ()
    fields = {name: str(value).encode(errors="replace").decode() for name, value in pairs}
    content = _content()
    try:
        edits = plan_form.corrections(content, fields)
    except plan_form.InvalidForm as error:
        sentence(error)
        return
    assert set(plan_form.choices(content, fields)) <= {CONFLICT}
    _apply(edits)


def _apply(edits: list[Correction]) -> None:
    try:
        edited = corrections.apply(COMPONENTS, edits)
    except RequestRejected as error:
        sentence(error)
        return
    for component in edited:
        storable(component)
        assert component.port in range(1, 65_536)
    proposal_of(edited)


def _content() -> Content:
    return Content(
        repository="acme/shop",
        head="0" * 40,
        tree="0" * 40,
        branch="onramp",
        default_branch="main",
        namespace="acme-storefront",
        providers={},
        corrections=[],
        components=[_planned()],
        unknown="",
        looked_at=[],
        files=[],
        conflicts=[FileConflict(path=CONFLICT, diff="")],
        objects=[],
        predicted_blockers=[],
        warnings=[],
        title="",
        body="",
        message="",
    )


def _planned() -> PlannedComponent:
    manifests = generate.objects(generate.files(COMPONENTS, PLACEMENT))
    return planned.planned(COMPONENTS[0], PLACEMENT, {NAME: planned.demand(manifests, NAME)}, [])


EDITS = [
    [{"name": NAME, "port": 9000, "health_path": "/up", "start": "python app.py --port '80 80'"}],
    [{"name": NAME, "included": False, "unneeded": ["TOKEN"]}],
    [{"name": "other"}],
    [],
]
FIELDS = [
    {
        f"included-{NAME}": "on",
        f"port-{NAME}": "9000",
        f"health-{NAME}": "/up",
        f"start-{NAME}": "python app.py --x 'y z'",
    },
    {f"keep-{CONFLICT}": "ours"},
    {},
]


def _warmed(samples: list[Document]) -> list[Document]:
    """What all checks need is computed once, before processes are forked."""
    our_expressions()
    return samples


PARSERS = [
    Parser("corrections", lambda: _warmed([*EDITS]), edit, ("name", "port", "health_path", "start", "/", "'", "\\")),
    Parser(
        "plan-form", lambda: _warmed([*FIELDS]), fill_in, (f"port-{NAME}", f"start-{NAME}", "ours", "theirs", "²", "٣")
    ),
]
