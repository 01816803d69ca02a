"""Firefox driven through its own protocol, Marionette, as far as an extension needs it: without a driver."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0


@dataclass
class Firefox:
    """A running Firefox; commands are answered in the order in which they are sent."""

    connection: socket.socket
    number: int = 0
    rest: bytes = b""

    def _message(self) -> Any:
        while True:
            length, colon, body = self.rest.partition(b":")
            if colon and len(body) >= int(length):
                self.rest = body[int(length) :]
                return json.loads(body[: int(length)])
            received = self.connection.recv(65536)
            if not received:
                raise RuntimeError("Firefox has closed the connection")
            self.rest += received

    def do(self, command: str, **parameters: object) -> Any:
        """The answer to a command. Raises RuntimeError with what Firefox says."""
        self.number += 1
        sent = json.dumps([0, self.number, command, parameters]).encode()
        self.connection.sendall(str(len(sent)).encode() + b":" + sent)
        _, _, error, result = self._message()
        if error:
            raise RuntimeError(f"{command}: {error}")
        return result.get("value", result) if isinstance(result, dict) else result

    def script(self, text: str) -> Any:
        """What a script returns in the page."""
        return self.do("WebDriver:ExecuteScript", script=text, args=[])

    def inside(self, text: str) -> Any:
        """What a script returns in the browser's own window."""
        self.do("Marionette:SetContext", value="chrome")
        try:
            return self.script(text)
        finally:
            self.do("Marionette:SetContext", value="content")

    def right_click(self, selector: str) -> None:
        """The right mouse button on an element of the page."""
        (element,) = self.do("WebDriver:FindElement", using="css selector", value=selector).items()
        moved = {"type": "pointerMove", "x": 0, "y": 0, "origin": dict([element])}
        pressed = [{"type": kind, "button": 2} for kind in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [moved, *pressed]}
        self.do("WebDriver:PerformActions", actions=[mouse])


@contextmanager
def firefox(program: str, folder: Path, hosts: Mapping[str, str]) -> Iterator[Firefox]:
    """A headless Firefox with an empty profile; `hosts` names the address of each extension's pages."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    profile = folder / "profile"
    profile.mkdir(parents=True)
    prefs = {"marionette.port": port, "extensions.webextensions.uuids": json.dumps(dict(hosts))}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [program, "-headless", "-no-remote", "-marionette", "-remote-allow-system-access"]
    command += ["-profile", str(profile)]
    environment = os.environ | {"HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield connected(port, running)
    finally:
        running.terminate()
        running.wait(PATIENCE)


def connected(port: int, running: subprocess.Popen[bytes]) -> Firefox:
    """The connection, once Firefox listens. Raises RuntimeError when it ends or stays silent."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            time.sleep(0.2)
            continue
        made = Firefox(connection)
        made._message()  # its greeting
        made.do("WebDriver:NewSession", capabilities={})
        return made
    raise RuntimeError("Firefox did not come up")
