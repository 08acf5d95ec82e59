"""The distribution API as far as asking whether an image is there.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from sandbox.registry import images
from sandbox.registry.models import Tag


@require_safe
def version(request: HttpRequest) -> JsonResponse:
    return JsonResponse({}, headers={"Docker-Distribution-API-Version": "registry/2.0"})


@require_safe
def manifest(request: HttpRequest, name: str, reference: str) -> HttpResponse:
    """The manifest of a tag or a digest, byte for byte; 404 MANIFEST_UNKNOWN where nobody pushed it."""
    image = images.find(f"{name}@{reference}" if reference.startswith("sha256:") else f"{name}:{reference}")
    if image is None:
        error = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown", "detail": {"Name": name, "Tag": reference}}
        return JsonResponse({"errors": [error]}, status=404)
    headers = {"Docker-Content-Digest": image.digest, "ETag": f'"{image.digest}"'}
    return HttpResponse(bytes(image.manifest), content_type=images.MANIFEST_TYPE, headers=headers)


@require_safe
def tags(request: HttpRequest, name: str) -> JsonResponse:
    found = sorted(Tag.objects.filter(name=name).values_list("tag", flat=True))
    if not found:
        error = {"code": "NAME_UNKNOWN", "message": "repository name not known to registry", "detail": {"name": name}}
        return JsonResponse({"errors": [error]}, status=404)
    return JsonResponse({"name": name, "tags": found})
