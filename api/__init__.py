"""The API under /api/v1/: a script can do everything that the pages do. Described at /api/v1/openapi.json.

People create tokens on the page “API tokens” and send them as `Authorization: Bearer …`.
"""

from ninja import NinjaAPI

from api.authentication import Bearer
from api.onboardings import router as onboardings
from api.parser import StrictParser
from api.plans import router as plans
from api.problems import register_handlers
from api.undos import router as undos

api = NinjaAPI(
    title="Onramp",
    version="1",
    description="A repository URL goes in, a running and monitored service comes out.",
    auth=Bearer(),
    parser=StrictParser(),
    urls_namespace="api",
    docs_url=None,  # its page loads scripts from elsewhere; the description at openapi.json works with any viewer
)
register_handlers(api)
api.add_router("", plans)
api.add_router("/onboardings", onboardings)
api.add_router("/onboardings", undos)
