"""One container of a pod: pulled, configured, started, probed, ended and started again with a growing pause."""

import logging
import re
import shutil
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.db import connections

from sandbox.kubernetes import environment, happenings, podlogs, probes, pulling, store
from sandbox.kubernetes.network import Network
from sandbox.observability import intake
from sandbox.registry.models import Image
from sandbox.world import processes

Body = dict[str, Any]
logger = logging.getLogger(__name__)
LOGS = "co.elastic.logs/enabled"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a container is started or pulled again. A kubelet begins with 10 and ends with 300."""
RUNNABLE = ("python", "node")


class Container:
    """Turned by `step`, which the pod's thread calls a few times a second; `status` is what it has come to."""

    def __init__(self, pod: Body, spec: Body, network: Network, before: Body | None) -> None:
        self.pod, self.spec, self.network = pod, spec, network
        self.name: str = spec["name"]
        self.uid: str = pod["metadata"]["uid"]
        self.image: Image | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.pretended = ""
        self.restarts = int((before or {}).get("restartCount", -1)) + 1 if (before or {}).get("containerID") else 0
        self.state: Body = {"waiting": {"reason": "ContainerCreating"}}
        self.last_state: Body = {}
        self._due = 0.0
        self._pause = 0.0
        self._probers: dict[str, probes.Prober] = {}
        self._pump: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return "running" in self.state

    @property
    def started(self) -> bool:
        startup = self._probers.get("startup")
        return self.running and (startup is None or startup.passing is True)

    @property
    def ready(self) -> bool:
        readiness = self._probers.get("readiness")
        return self.started and (readiness is None or readiness.passing is True)

    def status(self) -> Body:
        image_id = (
            f"{self.spec['image'].partition('@')[0].rpartition(':')[0]}@{self.image.digest}" if self.image else ""
        )
        began = f"sandbox://{self.uid}/{self.name}/{self.restarts}" if self.running or self.last_state else ""
        return {
            "name": self.name,
            "image": self.spec["image"],
            "imageID": image_id,
            "containerID": began,
            "restartCount": self.restarts,
            "ready": self.ready,
            "started": self.started,
            "state": self.state,
            "lastState": self.last_state,
        }

    def step(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            self._ended(self.process.returncode)
        elif self.running:
            self._probe()
        elif "terminated" not in self.state and time.monotonic() >= self._due:
            self._begin()
        elif (self.state.get("waiting") or {}).get("reason") == "ErrImagePull":
            self._back_off_pulling()

    def _begin(self) -> None:
        try:
            self.image = pulling.pull(self.pod, self.spec["image"])
            environment.check_user(self.pod, self.spec, self.image)
            variables = environment.variables(self.pod, self.spec)
        except pulling.NotPulled as error:
            self._wait(
                "ErrImagePull", error.message, "Failed", f'Failed to pull image "{self.spec["image"]}": {error.message}'
            )
        except environment.Incomplete as error:
            self._wait("CreateContainerConfigError", error.message, "Failed", f"Error: {error.message}")
        else:
            self._start(self.image, variables)

    def _wait(self, reason: str, message: str, event: str, told: str) -> None:
        self.state = {"waiting": {"reason": reason, "message": message}}
        self._postpone()
        happenings.tell(self.pod, event, told, warning=True)

    def _postpone(self) -> None:
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
        self._due = time.monotonic() + self._pause

    def _back_off_pulling(self) -> None:
        message = f'Back-off pulling image "{self.spec["image"]}": ErrImagePull: {self.state["waiting"]["message"]}'
        self.state = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
        happenings.tell(self.pod, "BackOff", f'Back-off pulling image "{self.spec["image"]}"')

    def _start(self, image: Image, variables: dict[str, str]) -> None:
        root = environment.copy(image, self.uid, self.name)
        words = [*(self.spec.get("command") or []), *(self.spec.get("args") or [])] or image.command
        if self.spec.get("args") and not self.spec.get("command"):
            words = [*image.command[:1], *self.spec["args"]]
        base = {"PATH": environment.path(root), "HOSTNAME": self.pod["metadata"]["name"]}
        own = {key: environment.inside(root, str(value)) for key, value in image.environment.items() if key != "PATH"}
        held = self.network.environment({**base, **own, **variables})
        folder = root / (self.spec.get("workingDir") or image.workdir or "/").lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        words = [environment.inside(root, word) for word in words]
        if not words:
            self._cannot_run("no command specified")
        elif (missing := self._missing(words, folder, held["PATH"])) is not None:
            self._without_program(image, missing)
        else:
            self._run(image, words, folder, held)

    @staticmethod
    def _missing(words: list[str], folder: Path, path: str) -> str | None:
        """The program that is not there: the container's own, or the one in whose place a shell puts itself."""
        replaced = (
            re.match(r"exec (?P<program>[\w./-]+)", words[2]) if words[:2] == ["sh", "-c"] and words[2:] else None
        )
        for program in (words[0], *([replaced["program"]] if replaced else [])):
            if shutil.which(str(folder / program) if "/" in program else program, path=path) is None:
                return program
        return None

    def _without_program(self, image: Image, program: str) -> None:
        """Pretends where the machine or the pretended build lacks the program; else it is missing in earnest."""
        if image.stack not in RUNNABLE or image.pretended or program in RUNNABLE:  # a real image would have it
            why = f"this machine cannot run `{program}` of a {image.stack} image"
            self.pretended = f"Nothing runs here: {why}, so the container is only said to be running and ready"
            happenings.tell(self.pod, "Pretended", self.pretended)
            self.state, self._probers = {"running": {"startedAt": store.now()}}, {}
        else:
            self._cannot_run(f'exec: "{program}": executable file not found in $PATH')

    def _cannot_run(self, says: str) -> None:
        message = f"failed to create containerd task: {says}"
        self.last_state = {
            "terminated": {"reason": "StartError", "exitCode": 128, "message": message, "finishedAt": store.now()}
        }
        self._wait("RunContainerError", message, "Failed", f"Error: {message}")
        self.restarts += 1

    def _run(self, image: Image, words: list[str], folder: Path, variables: dict[str, str]) -> None:
        command = self.network.command(words)
        try:
            self.process = processes.start(command, folder, variables, owner=f"pod {self.uid}")
        except OSError as error:
            self._cannot_run(f"exec: {error.strerror}: {words[0]}")
            return
        self._collect(self.process.stdout)
        self.state = {"running": {"startedAt": store.now()}}
        kinds = {kind: self.spec.get(f"{kind}Probe") for kind in ("startup", "readiness", "liveness")}
        self._probers = {kind: probes.Prober(kind, spec) for kind, spec in kinds.items() if spec}
        happenings.tell(self.pod, "Started", f"Started container {self.name}")
        if image.pretended:
            happenings.tell(
                self.pod, "Pretended", f"The build only pretended to run: {'; '.join(map(str, image.pretended))}"
            )

    def _collect(self, lines: IO[bytes] | None) -> None:
        kept = podlogs.path(self.uid, self.name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if kept.exists():
            kept.replace(podlogs.path(self.uid, self.name, previous=True))
        kept.touch()
        self._pump = threading.Thread(target=self._copy_lines, args=(lines,), name=f"lines of {self.name}", daemon=True)
        self._pump.start()

    def _copy_lines(self, lines: IO[bytes]) -> None:
        metadata = self.pod["metadata"]
        labels, collected = metadata.get("labels") or {}, (metadata.get("annotations") or {}).get(LOGS) == "true"
        with podlogs.path(metadata["uid"], self.name).open("ab", buffering=0) as kept, lines:
            for line in lines:
                kept.write(line)
                if collected:
                    text = line.decode(errors="replace").rstrip("\r\n")
                    now = datetime.now(UTC)
                    intake.record_line(metadata["namespace"], metadata["name"], self.name, labels, text, now)
        connections.close_all()

    def _probe(self) -> None:
        for kind, prober in self._probers.items():
            if self.process is None or not prober.due() or not self._wants(kind):
                continue
            problem = probes.ask(prober.spec, self.spec, self.network)
            if self.process.poll() is not None:  # it ended meanwhile: that is the story, not the probe
                return
            if problem and not (kind == "readiness" and prober.passing is None and self._is_young()):
                happenings.tell(self.pod, "Unhealthy", f"{kind.capitalize()} probe failed: {problem}", warning=True)
            passed = prober.take(problem)
            if passed and problem and kind != "readiness":
                happenings.tell(self.pod, "Killing", f"Container {self.name} failed {kind} probe, will be restarted")
                self._ended(processes.end(self.process, self._grace()))
                return

    def _is_young(self) -> bool:
        began = datetime.fromisoformat(self.state["running"]["startedAt"])
        return (datetime.now(UTC) - began).total_seconds() < 2

    def _wants(self, kind: str) -> bool:
        """A startup probe is asked until it passes; the others only after that."""
        startup = self._probers.get("startup")
        return (startup is not None and startup.passing is not True) if kind == "startup" else self.started

    def _ended(self, code: int) -> None:
        if self.process is not None:
            processes.end(self.process, grace=0)
        if self._pump is not None:
            self._pump.join(2)
        began = (self.state.get("running") or {}).get("startedAt", store.now())
        code = 128 - code if code < 0 else code
        reason = "Completed" if code == 0 else "Error"
        ended = {"terminated": {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": store.now()}}
        self.process, self._probers = None, {}
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if policy == "Never" or (policy == "OnFailure" and code == 0):
            self.state = ended
            return
        self.restarts += 1
        self.last_state = ended
        self._postpone()
        where = f"{self.pod['metadata']['name']}_{self.pod['metadata']['namespace']}"
        message = f"back-off {self._pause:g}s restarting failed container={self.name} pod={where}"
        self.state = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        happenings.tell(self.pod, "BackOff", f"Back-off restarting failed container {self.name}", warning=True)

    def _grace(self) -> float:
        return min(5.0, float(self.pod["spec"].get("terminationGracePeriodSeconds", 30)))

    def stop(self) -> None:
        if self.process is not None:
            processes.end(self.process, self._grace())
            self.process = None
