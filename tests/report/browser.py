"""A headless Chromium, driven by WebDriver as Debian's chromium-driver speaks it (https://www.w3.org/TR/webdriver2/)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64decode
from contextlib import contextmanager
from http.client import HTTPConnection
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One session. Every command that the driver refuses fails the test with its message."""

    def __init__(self, port: int, options: dict[str, Any]) -> None:
        self._port = port
        self._session = ""
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._call("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/{made['sessionId']}"

    def open(self, url: str) -> None:
        """Load a page, and wait until it is."""
        self._call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        """What a function body returns."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """As a user does: it must be visible and not covered."""
        self._call("POST", f"/element/{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Keys, into what has the selector."""
        self._call("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def texts(self, selector: str) -> list[str]:
        """The text of all that has the selector and is shown."""
        found = self.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter(each => each.checkVisibility()).map(each => each.innerText)",
            selector,
        )
        return [str(text) for text in found]

    def until(self, condition: str) -> None:
        """Wait for a JavaScript expression to be true; the test's own time limit ends what never is."""
        while not self.run(f"return Boolean({condition})"):
            sleep(0.01)

    def complaints(self) -> list[str]:
        """What the console says, of errors and of what the page's policy forbids."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, path: Path) -> None:
        """What is to be seen, as PNG."""
        path.write_bytes(b64decode(self._call("GET", "/screenshot")))

    def prefer(self, scheme: str) -> None:
        """light or dark."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._devtools("Emulation.setEmulatedMedia", features=features)

    def printed(self) -> bytes:
        """The page on paper, as PDF."""
        return b64decode(self._devtools("Page.printToPDF")["data"])

    def resize(self, width: int, height: int) -> None:
        """The window's size in pixels."""
        self._call("POST", "/window/rect", {"width": width, "height": height})

    def press(self, *keys: str) -> None:
        """Keys, one after the other, to whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def close(self) -> None:
        """End the session, and the browser with it."""
        self._call("DELETE", "")

    def _devtools(self, command: str, **parameters: object) -> Any:
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _find(self, selector: str) -> str:
        found = self._call("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            connection.request(
                method, f"/session{self._session}{path}", None if body is None else json.dumps(body)
            )
            answer = json.load(connection.getresponse())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            pytest.fail(f"{path}: {answer['error']}: {answer['message']}")
        return answer


def programs() -> tuple[str, str]:
    """Driver and browser; skips the test where there is none, and fails it in CI."""
    driver, program = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not program:
        skip_or_fail("no chromium: apt-get install chromium chromium-driver")
    return driver, program


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own."""
    driver, program = programs()
    process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        started = next(line for line in process.stdout if "started successfully on port" in line)
        port = int(started.rsplit(" ", 1)[1].strip(" .\n"))
        arguments = [
            "--headless=new",
            "--window-size=1280,1000",
            f"--user-data-dir={profile}",
            "--disable-gpu",
            # What it would ask of a network at every start.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses to run as root with it
        browser = Browser(port, {"binary": program, "args": arguments})
        yield browser
        browser.close()
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()
