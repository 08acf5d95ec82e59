"""The user that a real API server makes of a pipeline's token, with the configuration that docs/operating.md tells people to use."""

import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.pipelines import Deploying
from integrations.pipelines.github_actions import GitHubActions, Options
from tests.integrations import control_plane
from tests.integrations.answering import Answer, serving

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = "https://token.actions.githubusercontent.com"
PATH = ".github/workflows/onramp.yml"
SHOP = Deploying("77", "1000", "acme/shop", "main")
CLAIMS = {
    "aud": "onramp-cluster",
    "sub": "repo:acme@1000/shop@77:ref:refs/heads/main",
    "repository": "acme/shop",
    "repository_id": "77",
    "repository_owner_id": "1000",
    "workflow_ref": f"acme/shop/{PATH}@refs/heads/main",
}


@dataclass
class Issuer:
    """GitHub's issuer of tokens, over https with a certificate of its own."""

    key: rsa.RSAPrivateKey
    url: str = ""
    certificate: bytes = b""

    def token(self, **claims: str) -> str:
        times = {"iat": int(time.time()), "exp": int(time.time()) + 300}
        return jwt.encode(
            {"iss": self.url, **times, **CLAIMS, **claims}, self.key, algorithm="RS256", headers={"kid": "1"}
        )

    def documents(self) -> dict[str, Any]:
        public: dict[str, Any] = dict(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True))
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            },
            "/keys": {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]},
        }


def certificate(key: rsa.RSAPrivateKey) -> bytes:
    """A self-signed one for the loopback (PEM)."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    folder = tmp_path_factory.mktemp("issuer")
    files = folder / "certificate.pem", folder / "key.pem"
    form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    files[0].write_bytes(certificate(key))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    made = Issuer(key, certificate=files[0].read_bytes())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = Answer(made.documents()[self.path]).content
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made.url = f"https://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def documented() -> dict[str, Any]:
    """The configuration in the documentation."""
    blocks = (ROOT / "docs" / "operating.md").read_text().split("```yaml")[1:]
    block = next(block.partition("```")[0] for block in blocks if "AuthenticationConfiguration" in block)
    configuration: dict[str, Any] = yaml.safe_load("\n".join(line[3:] for line in block.splitlines()))
    return configuration


def names(tmp: Path, issuer: Issuer, mapping: dict[str, Any] | None, *tokens: str) -> list[str]:
    """The user names that an API server with the documented configuration makes of these tokens; `mapping` replaces that of the
    name."""
    programs = control_plane.programs()
    if programs is None:
        pytest.skip("KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver: pipelines did not sign in")
    configuration = documented()
    (entry,) = configuration["jwt"]
    assert entry["issuer"]["url"] == DOCUMENTED
    entry["issuer"] |= {"url": issuer.url, "certificateAuthority": issuer.certificate.decode()}
    if mapping is not None:
        entry["claimMappings"]["username"] = mapping
    file = tmp / "authentication.yaml"
    file.write_text(yaml.safe_dump(configuration))
    with control_plane.running(programs, tmp, f"--authentication-config={file}") as plane:
        return [_name(plane, token) for token in tokens]


def _name(plane: control_plane.ControlPlane, token: str) -> str:
    """The issuer's keys are fetched after the API server has started."""
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    url = f"{plane.url}/apis/authentication.k8s.io/v1/selfsubjectreviews"
    headers = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + 30
    while True:
        response = requests.post(url, json=review, headers=headers, verify=str(plane.ca_file), timeout=10)
        if response.ok:
            return str(response.json()["status"]["userInfo"]["username"])
        assert time.monotonic() < deadline, response.text
        time.sleep(0.3)


def test_a_pipeline_is_known_by_ids_and_the_path_of_its_workflow(tmp_path: Path, issuer: Issuer) -> None:
    renamed = {"repository": "acme/store", "workflow_ref": f"acme/store/{PATH}@refs/heads/main"}
    required = {"workflow_ref": f"acme/policies/{PATH}@refs/heads/main"}
    transferred = renamed | {"repository_owner_id": "2000"}
    tokens = [issuer.token(**claims) for claims in ({}, renamed, required, transferred)]
    ours, after_renaming, foreign, elsewhere = names(tmp_path, issuer, None, *tokens)
    bound = GitHubActions(Options.model_validate({"token": "x"})).deployer(SHOP)
    assert ours == after_renaming == bound
    assert foreign == f"github:1000:77:acme/policies/{PATH}@refs/heads/main"
    assert elsewhere == bound.replace(":1000:", ":2000:")


def test_a_cluster_that_takes_one_claim_is_told_the_subject(tmp_path: Path, issuer: Issuer) -> None:
    (name,) = names(tmp_path, issuer, {"claim": "sub", "prefix": "github:"}, issuer.token())
    template = {"use_default": True, "use_immutable_subject": True, "sub_claim_prefix": "repo:acme@1000/shop@77"}
    with serving(Answer(template)) as url:
        options = Options.model_validate({"token": "x", "api_url": url, "user_name": "subject"})
        assert GitHubActions(options).deployer(SHOP) == name
