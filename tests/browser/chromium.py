"""A headless Chromium driven over its debugging pipe (Chrome DevTools Protocol), nothing but the standard library.

Messages are JSON with a NUL behind each, written to the browser's file descriptor 3 and read from its 4. The browser
gets a profile of its own and no network: every request it tries is recorded by the page's events, none leaves.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Chromium", "Node", "browser_path"]

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_TIMEOUT = 60.0

Node = dict[str, Any]


def browser_path() -> str | None:
    """Where a Chromium is, None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for found in map(shutil.which, names) if found), None)


class Chromium:
    """One browser with one page."""

    def __init__(self, path: str) -> None:
        self.profile = tempfile.mkdtemp(prefix="ossig-browser-")
        commands, self._out = os.pipe()
        self._in, events = os.pipe()
        # The child finds its ends at 3 and 4; the shell puts them there.
        script = f'exec "$0" "$@" 3<&{commands} 4>&{events}'
        self.child = subprocess.Popen(
            ["/bin/bash", "-c", script, path, *_FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(commands, events),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(events)
        self._number = 0
        self._buffer = b""
        self.events: list[Node] = []
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "Accessibility"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        os.close(self._out)
        os.close(self._in)
        shutil.rmtree(self.profile, ignore_errors=True)

    # ── protocol ────────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, method: str, **parameters: object) -> Node:
        """One command and its answer; events that come in between are kept in ``events``."""
        self._number += 1
        message: Node = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: Node = answer["result"]
                return result
            self.events.append(answer)

    def _receive(self) -> Node:
        end = time.monotonic() + _TIMEOUT
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, end - time.monotonic()))
            piece = os.read(self._in, 1 << 16) if ready else b""
            if not piece:
                raise TimeoutError("the browser does not answer")
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: Node = json.loads(text)
        return message

    def _wait(self, event: str) -> None:
        while not any(e.get("method") == event for e in self.events):
            self.events.append(self._receive())

    # ── what a reader does ──────────────────────────────────────────────────────────────────────────────────────

    def open(self, file: Path, width: int = 1280, *, dark: bool = False, scripts: bool = True) -> None:
        """Loads a file at that width and waits until it stands."""
        self.events.clear()
        self.look(width, dark=dark)
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.send("Page.navigate", url=file.resolve().as_uri())
        self._wait("Page.loadEventFired")

    def look(self, width: int, *, dark: bool = False, media: str = "") -> None:
        """Width of the window in CSS pixels, colour scheme, and ``print`` or the screen."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def run(self, expression: str) -> Any:
        """Value of a JavaScript expression; evaluated by the debugger, so the page's policy does not matter."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """A real click in the middle of the first element that matches."""
        self.run(
            f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
        )
        x, y = self.run(
            f"(r => [r.x + Math.min(r.width / 2, 40), r.y + r.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str, code: int, text: str = "") -> None:
        """One key, down and up."""
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def screenshot(self) -> bytes:
        """The whole page as PNG."""
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def pdf(self) -> bytes:
        """The page as it prints."""
        answer = self.send("Page.printToPDF", printBackground=True)
        return base64.b64decode(answer["data"])

    def complaints(self) -> list[str]:
        """What the page wrote to the console, or the browser about it: errors, warnings, violations of the policy."""
        self.run("0")
        found = []
        for event in self.events:
            if event.get("method") == "Log.entryAdded":
                found.append(str(event["params"]["entry"]["text"]))
            elif event.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
                found.append(json.dumps(event["params"]))
        return found

    def requests(self) -> list[str]:
        """Addresses that the page asked for."""
        self.run("0")
        sent = (e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent")
        return list(sent)
