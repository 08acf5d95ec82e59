"""Every address of the site."""

from allauth.socialaccount import views as social
from django.urls import include, path
from django.views.generic import RedirectView

from api import api
from portal import devices, views

urlpatterns = [
    path("", include("onboarding.urls")),
    path("", include("dashboard.urls")),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("people/me/tokens/", views.tokens, name="tokens"),
    path("people/me/tokens/<int:token_id>/revocation/", views.revocation, name="revocation"),
    path("people/me/devices/", devices.show, name="devices"),
    path("people/me/devices/others/", devices.end_others, name="other_devices"),
    path("people/me/devices/<slug:digest>/", devices.end, name="device"),
    path("healthz", views.healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("events/", include("events.urls")),
    # allauth looks these up by name; where it has pages for passwords, ours lead back to the one way in.
    path("accounts/", include("allauth.socialaccount.providers.github.urls")),
    path("accounts/login/", RedirectView.as_view(pattern_name="sign_in", query_string=True), name="account_login"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/inactive/", views.not_signed_in, name="account_inactive"),
    path("accounts/signup/", views.not_signed_in, name="socialaccount_signup"),
    path("accounts/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/error/", social.login_error, name="socialaccount_login_error"),
]
