"""The pages that the probes request."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from portal import health
from tests.deploy.kustomization import BASE, manifest, pod


@pytest.fixture(autouse=True)
def _static(settings: Settings) -> None:
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STORAGES = settings.STORAGES | plain


@pytest.mark.django_db
def test_the_page_of_the_liveness_probe_does_not_query_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    (container,) = pod(manifest(BASE, "Deployment", "onramp-web"))["containers"]
    (path,) = {container[name]["httpGet"]["path"] for name in ("readinessProbe", "livenessProbe")}
    with django_assert_num_queries(0):
        assert Client().get(path).status_code == 200


@pytest.mark.django_db
def test_the_page_of_the_startup_probe_checks_database_and_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    (container,) = pod(manifest(BASE, "Deployment", "onramp-web"))["containers"]
    path = container["startupProbe"]["httpGet"]["path"]
    assert Client().get(path).status_code == 200
    monkeypatch.setattr(health, "_broker", lambda: False)
    assert Client().get(path).status_code == 503
