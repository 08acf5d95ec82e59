"""Headers of every answer, whatever part of Onramp wrote it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_UNUSED = (
    "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment "
    "publickey-credentials-get screen-wake-lock usb xr-spatial-tracking"
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in _UNUSED.split())
"""No page uses any of these, so no script on one can. https://www.w3.org/TR/permissions-policy/"""


class Outbound:
    """No cache keeps an answer: pages, the API and redirects show what one person may see. Static files are public."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "public" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = PERMISSIONS
        return response
