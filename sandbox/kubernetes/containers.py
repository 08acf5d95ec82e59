"""A container of a pod: pulled, configured, started, probed, stopped, and restarted with exponential back-off."""

import subprocess
import threading
import time
from datetime import UTC, datetime
from typing import Any

from sandbox.kubernetes import container_config, events, image_pulls, launch, podlogs, probes, store
from sandbox.kubernetes.launch import Launch
from sandbox.kubernetes.network import Network
from sandbox.registry.models import Image
from sandbox.world import processes

Body = dict[str, Any]
MIN_BACK_OFF, MAX_BACK_OFF = 1.0, 60.0
"""Seconds before a container is restarted or its image is pulled again. A kubelet uses 10 and 300."""
RUNNABLE = ("python", "node")


class Container:
    """A state machine: the pod's thread calls `step` a few times a second, and `status` reports the current state."""

    def __init__(self, pod: Body, spec: Body, network: Network, before: Body | None) -> None:
        self.pod, self.spec, self.network = pod, spec, network
        self.name: str = spec["name"]
        self.uid: str = pod["metadata"]["uid"]
        self.image: Image | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.simulated = ""
        """Why the container only counts as running; empty for a real process."""
        self.restarts = int((before or {}).get("restartCount", -1)) + 1 if (before or {}).get("containerID") else 0
        self.state: Body = {"waiting": {"reason": "ContainerCreating"}}
        self.last_state: Body = {}
        self._due = 0.0
        self._back_off = 0.0
        self._probers: dict[str, probes.Prober] = {}
        self._log_thread: threading.Thread | None = None

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
        repository = self.spec["image"].partition("@")[0].rpartition(":")[0]
        has_started = self.running or self.last_state
        return {
            "name": self.name,
            "image": self.spec["image"],
            "imageID": f"{repository}@{self.image.digest}" if self.image else "",
            "containerID": f"sandbox://{self.uid}/{self.name}/{self.restarts}" if has_started else "",
            "restartCount": self.restarts,
            "ready": self.ready,
            "started": self.started,
            "state": self.state,
            "lastState": self.last_state,
        }

    def step(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            self._handle_exit(self.process.returncode)
        elif self.running:
            self._probe()
        elif "terminated" not in self.state and time.monotonic() >= self._due:
            self._start()
        elif (self.state.get("waiting") or {}).get("reason") == "ErrImagePull":
            self._back_off_pulling()

    def _start(self) -> None:
        try:
            self.image = image_pulls.pull(self.pod, self.spec["image"])
            container_config.check_user(self.pod, self.spec, self.image)
            variables = container_config.variables(self.pod, self.spec)
        except image_pulls.PullError as error:
            self._wait("ErrImagePull", error.message, f'Failed to pull image "{self.spec["image"]}": {error.message}')
        except container_config.ConfigError as error:
            self._wait("CreateContainerConfigError", error.message, f"Error: {error.message}")
        else:
            self._launch(self.image, launch.prepare(self.image, self.pod, self.spec, self.network, variables))

    def _wait(self, reason: str, message: str, event: str) -> None:
        self.state = {"waiting": {"reason": reason, "message": message}}
        self._postpone()
        events.record(self.pod, "Failed", event, warning=True)

    def _postpone(self) -> None:
        self._back_off = min(MAX_BACK_OFF, self._back_off * 2 or MIN_BACK_OFF)
        self._due = time.monotonic() + self._back_off

    def _back_off_pulling(self) -> None:
        message = f'Back-off pulling image "{self.spec["image"]}": ErrImagePull: {self.state["waiting"]["message"]}'
        self.state = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
        events.record(self.pod, "BackOff", f'Back-off pulling image "{self.spec["image"]}"')

    def _launch(self, image: Image, prepared: Launch) -> None:
        if not prepared.command:
            self._fail_start("no command specified")
        elif (program := prepared.missing_program()) is None:
            self._run(image, prepared)
        elif image.stack not in RUNNABLE or image.pretended or program in RUNNABLE:
            self._simulate(image, program)
        else:
            self._fail_start(f'exec: "{program}": executable file not found in $PATH')

    def _simulate(self, image: Image, program: str) -> None:
        """Count the container as running: a real image would contain the program, but this machine does not."""
        problem = f"this machine cannot run `{program}` of a {image.stack} image"
        self.simulated = f"Nothing runs here: {problem}, so the container only counts as running and ready"
        events.record(self.pod, "Simulated", self.simulated)
        self.state, self._probers = {"running": {"startedAt": store.now()}}, {}

    def _fail_start(self, problem: str) -> None:
        message = f"failed to create containerd task: {problem}"
        self.last_state = {
            "terminated": {"reason": "StartError", "exitCode": 128, "message": message, "finishedAt": store.now()}
        }
        self._wait("RunContainerError", message, f"Error: {message}")
        self.restarts += 1

    def _run(self, image: Image, prepared: Launch) -> None:
        command = self.network.command(prepared.command)
        try:
            self.process = processes.start(command, prepared.folder, prepared.variables, owner=f"pod {self.uid}")
        except OSError as error:
            self._fail_start(f"exec: {error.strerror}: {prepared.command[0]}")
            return
        self._log_thread = podlogs.collect(self.pod, self.name, self.process.stdout)
        self.state = {"running": {"startedAt": store.now()}}
        kinds = {kind: self.spec.get(f"{kind}Probe") for kind in ("startup", "readiness", "liveness")}
        self._probers = {kind: probes.Prober(kind, spec) for kind, spec in kinds.items() if spec}
        events.record(self.pod, "Started", f"Started container {self.name}")
        if image.pretended:
            commands = "; ".join(map(str, image.pretended))
            events.record(self.pod, "Simulated", f"The build only simulated: {commands}")

    def _probe(self) -> None:
        for kind, prober in self._probers.items():
            if self.process is None or not prober.due() or not self._is_probed(kind):
                continue
            problem = probes.check(prober.spec, self.spec, self.network)
            if self.process.poll() is not None:  # the process has exited meanwhile: `step` reports that instead
                return
            if problem and not (kind == "readiness" and prober.passing is None and self._is_young()):
                events.record(self.pod, "Unhealthy", f"{kind.capitalize()} probe failed: {problem}", warning=True)
            changed = prober.record(problem)
            if changed and problem and kind != "readiness":
                events.record(self.pod, "Killing", f"Container {self.name} failed {kind} probe, will be restarted")
                self._handle_exit(processes.end(self.process, self._grace()))
                return

    def _is_young(self) -> bool:
        start = datetime.fromisoformat(self.state["running"]["startedAt"])
        return (datetime.now(UTC) - start).total_seconds() < 2

    def _is_probed(self, kind: str) -> bool:
        """A startup probe runs until it passes; the others run only after that."""
        startup = self._probers.get("startup")
        return (startup is not None and startup.passing is not True) if kind == "startup" else self.started

    def _handle_exit(self, code: int) -> None:
        if self.process is not None:
            processes.end(self.process, grace=0)
        if self._log_thread is not None:
            self._log_thread.join(2)
        self.process, self._probers = None, {}
        code = 128 - code if code < 0 else code
        terminated = self._terminated(code)
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if policy == "Never" or (policy == "OnFailure" and code == 0):
            self.state = terminated
            return
        self.restarts += 1
        self.last_state = terminated
        self._postpone()
        pod = f"{self.pod['metadata']['name']}_{self.pod['metadata']['namespace']}"
        message = f"back-off {self._back_off:g}s restarting failed container={self.name} pod={pod}"
        self.state = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        events.record(self.pod, "BackOff", f"Back-off restarting failed container {self.name}", warning=True)

    def _terminated(self, code: int) -> Body:
        start = (self.state.get("running") or {}).get("startedAt", store.now())
        reason = "Completed" if code == 0 else "Error"
        return {"terminated": {"exitCode": code, "reason": reason, "startedAt": start, "finishedAt": store.now()}}

    def _grace(self) -> float:
        return min(5.0, float(self.pod["spec"].get("terminationGracePeriodSeconds", 30)))

    def stop(self) -> None:
        if self.process is not None:
            processes.end(self.process, self._grace())
            self.process = None
