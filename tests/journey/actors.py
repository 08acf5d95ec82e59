"""Everybody but Onramp: engineers, the platform team and administrators, acting through the sandbox's APIs and pages."""

import base64
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.sandbox.process import Sandbox

Json = dict[str, Any]
TIMEOUT = 30
ALLOWANCES = "/api/v1/namespaces/onramp-allowances/resourcequotas"
PLENTY = {"requests.cpu": "200", "requests.memory": "400Gi", "pods": "2000"}
TIGHT = {"requests.cpu": "10m", "requests.memory": "16Mi", "pods": "1"}

SERVICE = {
    "Procfile": "web: python app.py\n",
    "requirements.txt": "# The standard library is enough.\n",
    ".python-version": "3.11\n",
    "app.py": '''"""Answers every request; exits at /die and logs a line only at /speak."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(3)
        if self.path == "/speak":
            print("spoken to", flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format, *args):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", 8080))), Handler).serve_forever()
''',
    "tests/__init__.py": "",
    "tests/test_app.py": """import unittest

from app import Handler


class App(unittest.TestCase):
    def test_it_answers(self):
        self.assertTrue(callable(Handler.do_GET))
""",
}
"""A small Python service that can be read, built and run."""

_numbers = itertools.count(1)


@dataclass
class Actors:
    """Every method acts as the person who would really do it, and fails the test where the sandbox refuses."""

    sandbox: Sandbox

    def _request(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
        headers["Authorization"] = f"Bearer {token}"
        response = requests.request(method, f"{self.sandbox.url}{path}", json=body, headers=headers, timeout=TIMEOUT)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    # The source host

    def github(self, method: str, path: str, body: Any = None, *, person: str = "alice") -> Any:
        token = "sandbox-onramp-token" if person == "onramp-bot" else f"sandbox-{person}-token"
        return self._request(method, f"/github/api/v3{path}", token, body)

    def repository(self, prefix: str = "service", *, person: str = "alice", files: Mapping[str, str] = SERVICE) -> str:
        """Create a repository of that person's team with these files; its full name."""
        name = f"{prefix}-{next(_numbers)}"
        self.github("POST", "/orgs/acme/repos", {"name": name, "auto_init": True}, person=person)
        full_name = f"acme/{name}"
        self.push(full_name, files, person=person)
        return full_name

    def rename(self, repository: str, name: str) -> str:
        """Its new full name."""
        self.github("PATCH", f"/repos/{repository}", {"name": name}, person="onramp-bot")
        return f"{repository.partition('/')[0]}/{name}"

    def transfer(self, repository: str, owner: str) -> None:
        self.github("POST", f"/repos/{repository}/transfer", {"new_owner": owner}, person="onramp-bot")

    def delete(self, repository: str) -> None:
        self.github("DELETE", f"/repos/{repository}", person="onramp-bot")

    def replace(self, repository: str) -> None:
        """Rename the repository and create another one of its former name."""
        name = repository.partition("/")[2]
        self.github("PATCH", f"/repos/{repository}", {"name": f"{name}-before"}, person="onramp-bot")
        self.github("POST", "/orgs/acme/repos", {"name": name, "auto_init": True})
        self.push(repository, SERVICE)

    def push(
        self,
        repository: str,
        files: Mapping[str, str | None],
        *,
        branch: str = "main",
        person: str = "alice",
        message: str = "Change",
    ) -> str:
        """Push one commit to the branch; its id. A file of None is deleted."""
        base = f"/repos/{repository}/git"
        parent = self.github("GET", f"{base}/ref/heads/{branch}", person=person)["object"]["sha"]
        entries = [
            {"path": path, "mode": "100644", "type": "blob", **({"sha": None} if text is None else {"content": text})}
            for path, text in files.items()
        ]
        tree = self.github("POST", f"{base}/trees", {"base_tree": parent, "tree": entries}, person=person)
        body = {"message": message, "tree": tree["sha"], "parents": [parent]}
        commit = str(self.github("POST", f"{base}/commits", body, person=person)["sha"])
        self.github("PATCH", f"{base}/refs/heads/{branch}", {"sha": commit}, person=person)
        return commit

    def take_branch(self, repository: str, branch: str) -> None:
        """Create the branch that Onramp would use, as if somebody worked on it."""
        head = self.github("GET", f"/repos/{repository}/git/ref/heads/main")["object"]["sha"]
        self.github("POST", f"/repos/{repository}/git/refs", {"ref": f"refs/heads/{branch}", "sha": head})

    def file_text(self, repository: str, path: str, branch: str) -> str:
        file = self.github("GET", f"/repos/{repository}/contents/{path}?ref={branch}")
        return base64.b64decode(file["content"]).decode()

    def change_settings(self, repository: str, form: str, value: str = "") -> None:
        """Send a form of the repository's page: access, break, mend, archive, next-runs, …."""
        url = f"{self.sandbox.url}/github/{repository}/_settings/{form}"
        response = requests.post(url, data={"value": value}, timeout=TIMEOUT, allow_redirects=False)
        assert response.status_code == 302, response.text

    def pulls(self, repository: str) -> list[Json]:
        return list(self.github("GET", f"/repos/{repository}/pulls?state=all"))

    def merge(self, repository: str, number: int, **how: str) -> None:
        self.github("PUT", f"/repos/{repository}/pulls/{number}/merge", how)

    def builds(self, repository: str, query: str = "") -> list[Json]:
        """The runs of the pipeline, newest first."""
        return list(self.github("GET", f"/repos/{repository}/actions/runs{query}")["workflow_runs"])

    # The cluster

    def cluster(self, method: str, path: str, body: Any = None) -> Any:
        """As the platform's administrator."""
        kind = {"PATCH": "application/merge-patch+json"}.get(method, "application/json")
        token = "sandbox-platform-cluster-token"
        return self._request(method, f"/kubernetes{path}", token, body, **{"Content-Type": kind})

    def choose(self, setting: str, value: str) -> None:
        """Set one of the cluster's settings on its page."""
        url = f"{self.sandbox.url}/kubernetes/ui/settings/{setting}/"
        response = requests.post(url, data={"value": value}, timeout=TIMEOUT, allow_redirects=False)
        assert response.status_code == 302, response.text

    def grant(self, team: str, hard: Mapping[str, str]) -> None:
        """Set the team's allowance, creating it where it does not exist."""
        quotas = self.cluster("GET", ALLOWANCES)["items"]
        if any(quota["metadata"]["name"] == team for quota in quotas):
            self.cluster("PATCH", f"{ALLOWANCES}/{team}", {"spec": {"hard": dict(hard)}})
            return
        body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": team}, "spec": {"hard": dict(hard)}}
        self.cluster("POST", ALLOWANCES, body)

    def withdraw_allowance(self, team: str) -> None:
        self.cluster("DELETE", f"{ALLOWANCES}/{team}")

    def create_namespace(self, name: str, labels: Mapping[str, str]) -> None:
        metadata = {"name": name, "labels": dict(labels)}
        self.cluster("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def secret(self, namespace: str, name: str) -> dict[str, str] | None:
        """The values of a Secret; None where there is none."""
        for secret in self.cluster("GET", f"/api/v1/namespaces/{namespace}/secrets")["items"]:
            if secret["metadata"]["name"] == name:
                return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
        return None

    def create_secret(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(values)}
        self.cluster("POST", f"/api/v1/namespaces/{namespace}/secrets", body)

    def cluster_events(self, namespace: str, name: str) -> list[str]:
        """The messages of the cluster's events about an application's pods."""
        events = self.cluster("GET", f"/api/v1/namespaces/{namespace}/events")["items"]
        return [event["message"] for event in events if event["involvedObject"]["name"].startswith(name)]

    def namespaces(self) -> list[str]:
        return [namespace["metadata"]["name"] for namespace in self.cluster("GET", "/api/v1/namespaces")["items"]]

    # JIRA

    def jira(self, method: str, path: str, body: Any = None) -> Any:
        return self._request(method, f"/jira/rest/api/2{path}", "sandbox-jira-token", body)

    def press(self, ticket: str, button: str, **form: str) -> None:
        """Press a button of the ticket's page, as Pat of the platform team: done, wont-do, reopen, delete, move, comment."""
        url = f"{self.sandbox.url}/jira/browse/{ticket}/{button}"
        response = requests.post(url, data=form, timeout=TIMEOUT, allow_redirects=False)
        assert response.status_code == 302, response.text

    def ticket(self, key: str) -> Json:
        return dict(self.jira("GET", f"/issue/{key}")["fields"])

    def tickets(self, phrase: str) -> list[str]:
        """Keys of the tickets that contain the phrase, oldest first."""
        issues = self.jira("GET", "/search?maxResults=1000&jql=ORDER BY created ASC")["issues"]
        texts = {issue["key"]: f"{issue['fields']['summary']}\n{issue['fields']['description']}" for issue in issues}
        return [key for key, text in texts.items() if phrase in text]

    def comments(self, ticket: str) -> list[str]:
        """The ticket's comments, oldest first."""
        return [comment["body"] for comment in self.jira("GET", f"/issue/{ticket}/comment")["comments"]]

    # Chat and mail

    def emails(self) -> list[Json]:
        """Everything that reached the mailbox."""
        return list(self._request("GET", "/mailbox/messages", "")["messages"])

    def email_subjects(self, to: str, phrase: str) -> list[str]:
        """The subjects of emails to this address that contain the phrase."""
        response = requests.get(f"{self.sandbox.url}/mailbox/messages", params={"to": to}, timeout=TIMEOUT)
        messages = response.json()["messages"]
        return [message["subject"] for message in messages if phrase in message["text"] + message["subject"]]

    def chat_messages(self, channel: str, phrase: str) -> list[str]:
        """Onramp's messages with this phrase in a channel, or to the member with this id."""
        query = f"/slack/api/conversations.history?channel={channel}&limit=500".replace("#", "%23")
        messages = self._request("GET", query, "sandbox-slack-token")["messages"]
        return [message["text"] for message in messages if phrase in message["text"]]
