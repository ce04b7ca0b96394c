"""Debian's Chromium, driven by the DevTools protocol over a pipe: no driver program and no library between a test and the page."""
import base64
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.servers import chromium_bin

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage", "--hide-crash-restore-bubble", "--remote-debugging-pipe")
# Where the browser looks for its pipe; a shell cannot be relied on to move a descriptor of two digits.
AS_3_AND_4 = """import os, sys
for fd, high in zip(sys.argv[1:3], (98, 99)):
    os.dup2(int(fd), high)
for high, fd in ((98, 3), (99, 4)):
    os.dup2(high, fd)
    os.close(high)
os.execv(sys.argv[3], sys.argv[3:])
"""
PATIENCE_S = 30.0
WIDTH, HEIGHT = 360, 740


class PageError(Exception):
    """The page threw, or the browser refused."""


class Browser:
    """One life of a browser on a profile of its own, with one page; a profile outlives it, as on a phone."""

    def __init__(self, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()                      # read, write of what the browser says; and of what it is told
        command = [sys.executable, "-S", "-c", AS_3_AND_4, str(theirs[0]), str(ours[1]), str(chromium_bin()), *FLAGS,
                   f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=(theirs[0], ours[1]), start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs[0])
        os.close(ours[1])
        self._from, self._to = ours[0], theirs[1]
        self._left, self._last = b"", 0
        self.events: list[dict[str, Any]] = []
        self.session = ""
        page = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Raises PageError, and TimeoutError for a browser that says nothing."""
        self._last += 1
        said = {"id": self._last, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        os.write(self._to, json.dumps(said).encode() + b"\0")
        while True:
            answer = self._next(PATIENCE_S)
            if answer is None:
                raise TimeoutError(method)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise PageError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            self.events.append(answer)

    def _next(self, seconds: float) -> dict[str, Any] | None:
        until = time.monotonic() + seconds
        while b"\0" not in self._left:
            if not select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
                return None
            more = os.read(self._from, 1 << 20)
            if not more:
                raise PageError("the browser is gone")
            self._left += more
        one, _, self._left = self._left.partition(b"\0")
        return dict(json.loads(one))

    def event(self, method: str, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """The parameters of the next event of that name. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while True:
            for i, seen in enumerate(self.events):
                if seen.get("method") == method:
                    return dict(self.events.pop(i)["params"])
            got = self._next(until - time.monotonic())
            if got is None:
                raise TimeoutError(method)
            self.events.append(got)

    def go(self, url: str) -> str:
        """The error text of a page that could not be had; '' when it came."""
        self.events.clear()
        answer = self.call("Page.navigate", url=url)
        if not answer.get("errorText"):
            self.event("Page.loadEventFired")
        return str(answer.get("errorText", ""))

    def js(self, code: str) -> Any:
        """The value of an expression, awaited. Raises PageError for what it throws."""
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise PageError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def until(self, code: str, wanted: Callable[[Any], bool] = bool, seconds: float = PATIENCE_S) -> Any:
        give_up = time.monotonic() + seconds
        while not wanted(value := self.js(code)):
            assert time.monotonic() < give_up, f"{code} is {value!r}; the page says {self.js('document.body.innerText')[:1500]!r}; {self.complaints()}"
            time.sleep(0.05)
        return value

    def complaints(self) -> list[str]:
        """What the console, the content policy or an unhandled error had to say, but for a network that is away."""
        found = [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"]
        thrown = [json.dumps(e["params"])[:800] for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        return [text for text in found if "net::ERR_" not in text and "the server responded with a status" not in text] + thrown

    def type(self, selector: str, text: str) -> None:
        found = f"document.querySelector({json.dumps(selector)})"
        self.js(f"{found}.focus(); {found}.value = {json.dumps(text)}; {found}.dispatchEvent(new Event('input', {{bubbles: true}})); "
                f"{found}.dispatchEvent(new Event('change', {{bubbles: true}}))")

    def click(self, selector: str) -> None:
        """As a finger does: at the middle of what is seen there."""
        x, y = self.js(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}}); "
                       f"const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def attach(self, selector: str, file: Path) -> None:
        """Chooses a file, as the picker would."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")["result"]["objectId"]
        self.call("DOM.setFileInputFiles", objectId=found, files=[str(file)])

    def offline(self, away: bool) -> None:
        self.call("Network.enable")
        self.call("Network.emulateNetworkConditions", offline=away, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    def shoot(self, path: Path) -> None:
        """The whole page, as long as it is, when it has come to rest."""
        time.sleep(0.3)
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        self.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=max(HEIGHT, int(size["height"])), deviceScaleFactor=2, mobile=True)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        self.call("Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=True)

    def close(self) -> None:
        """As a person does."""
        self.session = ""
        with suppress(PageError, TimeoutError, OSError):
            self.call("Browser.close")
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        self.kill()

    def kill(self) -> None:
        """The browser and what it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        for pipe in (self._from, self._to):
            with suppress(OSError):
                os.close(pipe)
        self._from = self._to = -1

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        if self._from >= 0:
            self.kill()
