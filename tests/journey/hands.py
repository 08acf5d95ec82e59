"""The hands of everybody but Onramp, at the sandbox's own doors: engineers, the platform team, whoever administers."""

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
    "app.py": '''"""Says hello; dies when told to; is as quiet as it is told to be."""

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
"""A small Python service: enough to be read, built and run."""

_numbers = itertools.count(1)


@dataclass
class Hands:
    """Every method acts as the person who would do it in earnest, and fails the test where it is not let."""

    sandbox: Sandbox

    def _ask(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Any:
        headers["Authorization"] = f"Bearer {token}"
        answer = requests.request(method, f"{self.sandbox.url}{path}", json=body, headers=headers, timeout=TIMEOUT)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    # The source host

    def github(self, method: str, path: str, body: Any = None, *, person: str = "alice") -> Any:
        token = "sandbox-onramp-token" if person == "onramp-bot" else f"sandbox-{person}-token"
        return self._ask(method, f"/github/api/v3{path}", token, body)

    def repository(self, word: str = "service", *, person: str = "alice", files: Mapping[str, str] = SERVICE) -> str:
        """A new repository of that person's team with these files; its full name."""
        name = f"{word}-{next(_numbers)}"
        self.github("POST", "/orgs/acme/repos", {"name": name, "auto_init": True}, person=person)
        full_name = f"acme/{name}"
        self.push(full_name, files, person=person)
        return full_name

    def push(self, repository: str, files: Mapping[str, str], *, branch: str = "main", person: str = "alice") -> str:
        """One commit on the branch, which may be a new one; its id."""
        base = f"/repos/{repository}/git"
        before = self.github("GET", f"{base}/ref/heads/{branch}", person=person)["object"]["sha"]
        tree = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()]
        made = self.github("POST", f"{base}/trees", {"base_tree": before, "tree": tree}, person=person)
        body = {"message": "Change", "tree": made["sha"], "parents": [before]}
        commit = str(self.github("POST", f"{base}/commits", body, person=person)["sha"])
        self.github("PATCH", f"{base}/refs/heads/{branch}", {"sha": commit}, person=person)
        return commit

    def take_branch(self, repository: str, branch: str) -> None:
        """Somebody's own work lies on the branch that Onramp would use."""
        head = self.github("GET", f"/repos/{repository}/git/ref/heads/main")["object"]["sha"]
        self.github("POST", f"/repos/{repository}/git/refs", {"ref": f"refs/heads/{branch}", "sha": head})

    def text(self, repository: str, path: str, branch: str) -> str:
        found = self.github("GET", f"/repos/{repository}/contents/{path}?ref={branch}")
        return base64.b64decode(found["content"]).decode()

    def settings(self, repository: str, what: str, value: str = "") -> None:
        """A form of the repository's page: access, break, mend, archive."""
        address = f"{self.sandbox.url}/github/{repository}/_settings/{what}"
        answer = requests.post(address, data={"value": value}, timeout=TIMEOUT, allow_redirects=False)
        assert answer.status_code == 302, answer.text

    def pulls(self, repository: str) -> list[Json]:
        return list(self.github("GET", f"/repos/{repository}/pulls?state=all"))

    def merge(self, repository: str, number: int) -> None:
        self.github("PUT", f"/repos/{repository}/pulls/{number}/merge", {})

    def builds(self, repository: str, query: str = "") -> list[Json]:
        """The runs of the pipeline, newest first."""
        return list(self.github("GET", f"/repos/{repository}/actions/runs{query}")["workflow_runs"])

    # The cluster

    def cluster(self, method: str, path: str, body: Any = None) -> Any:
        """As the platform's administrator."""
        kind = {"PATCH": "application/merge-patch+json"}.get(method, "application/json")
        token = "sandbox-platform-cluster-token"
        return self._ask(method, f"/kubernetes{path}", token, body, **{"Content-Type": kind})

    def grant(self, team: str, hard: Mapping[str, str]) -> None:
        """The team's allowance, there or not."""
        listed = self.cluster("GET", ALLOWANCES)["items"]
        if any(one["metadata"]["name"] == team for one in listed):
            self.cluster("PATCH", f"{ALLOWANCES}/{team}", {"spec": {"hard": dict(hard)}})
            return
        body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": team}, "spec": {"hard": dict(hard)}}
        self.cluster("POST", ALLOWANCES, body)

    def withdraw_allowance(self, team: str) -> None:
        self.cluster("DELETE", f"{ALLOWANCES}/{team}")

    def namespace(self, name: str, labels: Mapping[str, str]) -> None:
        metadata = {"name": name, "labels": dict(labels)}
        self.cluster("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def secret(self, namespace: str, name: str) -> dict[str, str] | None:
        """What a Secret holds; None where there is none."""
        for one in self.cluster("GET", f"/api/v1/namespaces/{namespace}/secrets")["items"]:
            if one["metadata"]["name"] == name:
                return {key: base64.b64decode(value).decode() for key, value in (one.get("data") or {}).items()}
        return None

    def put_secret(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(values)}
        self.cluster("POST", f"/api/v1/namespaces/{namespace}/secrets", body)

    def happenings(self, namespace: str, name: str) -> list[str]:
        """What the cluster tells of the pods of an application."""
        found = self.cluster("GET", f"/api/v1/namespaces/{namespace}/events")["items"]
        return [one["message"] for one in found if one["involvedObject"]["name"].startswith(name)]

    def namespaces(self) -> list[str]:
        return [one["metadata"]["name"] for one in self.cluster("GET", "/api/v1/namespaces")["items"]]

    # JIRA

    def jira(self, method: str, path: str, body: Any = None) -> Any:
        return self._ask(method, f"/jira/rest/api/2{path}", "sandbox-jira-token", body)

    def press(self, ticket: str, button: str, **form: str) -> None:
        """A button of the ticket's page, as Pat of the platform team: done, wont-do, reopen, delete, move, comment."""
        address = f"{self.sandbox.url}/jira/browse/{ticket}/{button}"
        answer = requests.post(address, data=form, timeout=TIMEOUT, allow_redirects=False)
        assert answer.status_code == 302, answer.text

    def ticket(self, key: str) -> Json:
        return dict(self.jira("GET", f"/issue/{key}")["fields"])

    def tickets(self, words: str) -> list[str]:
        """Keys of the tickets whose text holds these words, oldest first."""
        found = self.jira("GET", "/search?maxResults=1000&jql=ORDER BY created ASC")["issues"]
        told = ((one["key"], f"{one['fields']['summary']}\n{one['fields']['description']}") for one in found)
        return [key for key, text in told if words in text]

    def mails(self) -> list[Json]:
        """Everything that reached the mailbox."""
        return list(self._ask("GET", "/mailbox/messages", "")["messages"])

    def said(self, ticket: str) -> list[str]:
        """What stands on the ticket, oldest first."""
        return [one["body"] for one in self.jira("GET", f"/issue/{ticket}/comment")["comments"]]

    # Chat and mail

    def letters(self, to: str, words: str) -> list[str]:
        answer = requests.get(f"{self.sandbox.url}/mailbox/messages", params={"to": to}, timeout=TIMEOUT).json()
        return [one["subject"] for one in answer["messages"] if words in one["text"] + one["subject"]]

    def chats(self, channel: str, words: str) -> list[str]:
        """What Onramp said in a channel, or to the member whose id this is."""
        query = f"/slack/api/conversations.history?channel={channel}&limit=500".replace("#", "%23")
        found = self._ask("GET", query, "sandbox-slack-token")["messages"]
        return [one["text"] for one in found if words in one["text"]]
