"""Context that every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from catalog.models import Person


def site(request: HttpRequest) -> dict[str, Any]:
    person = request.user
    return {
        "demo": settings.ENV.onramp_demo,
        "is_platform": isinstance(person, Person) and person.is_platform,
    }
