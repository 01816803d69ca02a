"""The built extension in a real Chromium, and posts on two local sites to capture.

Playwright cannot click the browser's own menus: a context menu's click is dispatched in the service worker as the event
that the browser would send, with the real tab, and the permission that comes with such a click (activeTab) is given by
the browser itself through its debugging protocol. The popup is the real one that the toolbar's button opens, which is
no page to Playwright. No line of the extension is there for the tests."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

from PIL import Image
from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker, expect

from tests.browser.checks import complaints
from tests.conftest import REPOSITORY

STORED = """new Promise((done) => { const asked = indexedDB.open('netra', 1); asked.onsuccess = () => {
  const all = asked.result.transaction('items').objectStore('items').getAll();
  all.onsuccess = () => done(all.result.map(({ picture, ...item }) =>
    ({ ...item, size: picture?.size ?? 0 }))); }; })"""
ALTER = """([id, changed, bytes]) => new Promise((done) => { const asked = indexedDB.open('netra', 1);
  asked.onsuccess = () => { const change = asked.result.transaction('items', 'readwrite');
  const items = change.objectStore('items'); const got = items.get(id);
  got.onsuccess = () => items.put({ ...got.result, ...changed,
    picture: bytes ? new Blob([new Uint8Array(bytes)]) : got.result.picture });
  change.oncomplete = done; }; })"""

WHEN_READY = """new Promise(async (done) => {
  while (!document.body?.dataset.ready) await new Promise(requestAnimationFrame); done(%s); })"""


@dataclass
class Extension:
    """The loaded extension: its browser, its service worker, the addresses of its pages."""

    context: BrowserContext
    worker: Worker

    @property
    def id(self) -> str:
        return self.worker.url.split("/")[2]

    def page(self, name: str) -> Page:
        """One of the extension's pages, ready, in a tab."""
        page = self.context.new_page()
        page.goto(f"chrome-extension://{self.id}/pages/{name}")
        page.wait_for_selector("body[data-ready]")
        return page

    @contextmanager
    def browser(self) -> Iterator[CDPSession]:
        """The browser's debugging protocol."""
        browser = self.context.browser
        assert browser is not None
        session = browser.new_browser_cdp_session()
        yield session
        session.detach()

    def visit(self, address: str) -> Page:
        """A page in front, after the click on the extension's button that gives it its permission."""
        page = self.context.new_page()
        page.goto(address)
        page.bring_to_front()
        with self.browser() as session:
            (target,) = [one for one in targets(session, "tab") if one["url"] == address]
            session.send("Extensions.triggerAction", {"id": self.id, "targetId": target["targetId"]})
        return page

    def in_popup(self, script: str) -> Any:
        """What a script answers in the popup that `visit` has opened, once it is ready."""
        answers: list[str] = []
        with self.browser() as session:
            session.on("Target.receivedMessageFromTarget", lambda event: answers.append(event["message"]))
            until = time.monotonic() + 20
            while not (opened := [one for one in targets(session, "page") if "/popup.html" in one["url"]]):
                assert time.monotonic() < until, "no popup opened"
            attached = session.send("Target.attachToTarget", {"targetId": opened[0]["targetId"], "flatten": False})
            asked = {"expression": WHEN_READY % script, "awaitPromise": True, "returnByValue": True}
            message = json.dumps({"id": 1, "method": "Runtime.evaluate", "params": asked})
            session.send("Target.sendMessageToTarget", {"sessionId": attached["sessionId"], "message": message})
            while not answers and time.monotonic() < until:
                targets(session, "page")  # while it is answered, the event comes in
            return json.loads(answers[0])["result"]["result"].get("value")

    def tab(self, page: Page) -> Any:
        """The tab of a page as the browser tells it to extensions."""
        tabs = self.worker.evaluate("chrome.tabs.query({})")
        return next(tab for tab in tabs if tab.get("url") == page.url)

    def choose(self, page: Page, item: str, **info: str) -> Page:
        """The click on an entry of the context menu; the form that opens."""
        clicked = {"menuItemId": item, "pageUrl": page.url} | info
        with self.context.expect_page() as opened:
            event = [clicked, self.tab(page)]
            self.worker.evaluate("([i, t]) => { chrome.contextMenus.onClicked.dispatch(i, t); }", event)
        return ready(opened.value)

    def capture(self, button: str) -> Page:
        """The click on a button of the popup, "tab" or "area", for the page that was visited last; the form."""
        with self.context.expect_page() as opened:
            self.in_popup(f"document.getElementById('{button}').click()")
        return ready(opened.value)

    def end_worker(self, page: Page) -> None:
        """The browser ends the service worker, as it does when it idles; the next event begins another."""
        session = self.context.new_cdp_session(page)
        session.send("ServiceWorker.enable")
        self.worker.evaluate("() => { globalThis.old = true; }")
        session.send("ServiceWorker.stopAllWorkers")
        session.detach()
        page.evaluate("chrome.runtime.sendMessage({ act: 'badge' })")
        assert self.worker.evaluate("globalThis.old") is None

    def stored(self) -> list[dict[str, Any]]:
        """What the extension keeps, without the pictures' bytes."""
        found: list[dict[str, Any]] = self.worker.evaluate(STORED)
        return found

    def alter(self, item: str, changed: dict[str, Any], picture: bytes = b"") -> None:
        """Change what the extension keeps of one item."""
        self.worker.evaluate(ALTER, [item, changed, list(picture)])

    def set(self, name: str, value: str) -> None:
        """Change one of the options."""
        self.worker.evaluate("([name, value]) => chrome.storage.local.set({ [name]: value })", [name, value])

    def ring(self, alarm: str) -> None:
        """An alarm that wakes the extension: "retry" while something waits, "status" while something is under way."""
        self.worker.evaluate("(name) => { chrome.alarms.onAlarm.dispatch({ name }); }", alarm)

    def until(self, script: str, answer: object) -> None:
        """Return when a script in the service worker answers this."""
        end = time.monotonic() + 20
        while (seen := self.worker.evaluate(script)) != answer:
            assert time.monotonic() < end, seen

    def badge(self) -> str:
        return str(self.worker.evaluate("chrome.action.getBadgeText({})"))


def targets(session: CDPSession, kind: str) -> list[dict[str, Any]]:
    """The browser's targets of a kind."""
    found: list[dict[str, Any]] = session.send("Target.getTargets", {"filter": [{"type": kind, "exclude": False}]})[
        "targetInfos"
    ]
    return found


def ready(form: Page) -> Page:
    form.wait_for_selector("body[data-ready]")
    return form


def send(form: Page, outcome: str, **typed: str) -> str:
    """Send the form; what the page says then."""
    for name, value in typed.items():
        form.fill(f"#{name}", value)
    form.select_option("#contest", "muara-embun")
    form.click("#send")
    expect(form.locator("body")).to_have_attribute("data-outcome", outcome)
    return form.inner_text("#said")


@contextmanager
def loaded(playwright: Playwright, folder: Path, server: str) -> Iterator[Extension]:
    """The extension, built for this server, in a browser of its own."""
    built = folder / "built"
    command = [sys.executable, str(REPOSITORY / "scripts" / "build_extension"), "--server", server, "--to", str(built)]
    subprocess.run(command, check=True, capture_output=True)
    unpacked = built / "chromium"
    context = playwright.chromium.launch_persistent_context(
        str(folder / "profile"),
        executable_path=shutil.which("chromium"),
        headless=True,
        args=[
            "--no-sandbox", "--enable-unsafe-extension-debugging", f"--disable-extensions-except={unpacked}",
            f"--load-extension={unpacked}",
        ],
    )  # fmt: skip
    try:
        worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
        yield Extension(context, worker)
    finally:
        context.close()


def wrong_with(page: Page, axe: str, language: str) -> list[object]:
    """Complaints of axe-core in light and dark at the width of a popup; words in the wrong language."""
    page.set_viewport_size({"width": 400, "height": 800})
    found: list[object] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [(page.url, scheme, *complaint) for complaint in complaints(page, axe)]
    assert page.get_attribute("html", "lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    return found


def photo(seed: int, kind: str = "JPEG") -> bytes:
    """A picture in which nothing can be found, different for every seed."""
    stream = io.BytesIO()
    Image.effect_noise((320, 240), 20 + seed).convert("RGB").save(stream, kind)
    return stream.getvalue()


PICTURES = {"/foto.jpg": photo(1), "/besar.jpg": photo(2) + bytes(400_000), "/foto.gif": photo(3, "GIF")}
POST = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Unggahan contoh</title>
<script type="application/ld+json">{{"@type": "SocialMediaPosting", "author": {{"alternateName": "@dinas.contoh"}},
"datePublished": "{posted}T08:00:00+07:00", "articleBody": "{text}"}}</script></head>
<body><h1>Unggahan</h1><p id="isi">{text}<br>Baris kedua</p><img src="{picture}" alt="" width="320" height="240">
<p>Komentar orang lain</p></body></html>"""


BUSY = {"type": "urn:netra:problem:not-ready", "detail": "Antrean terlalu panjang / The queue is too long"}


class Posts(BaseHTTPRequestHandler):
    """Pages /post?text&picture&posted, and pictures without any word about other origins; below /sibuk/ a server that
    wants to be left alone, below /portal/ one that answers everything with a page of its own, below /tinjau/ one to
    which a submission's name says what became of it."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.path)
        if self.path.startswith("/sibuk/"):
            self.answer("application/problem+json", json.dumps(BUSY).encode(), status=503, wait="300")
        else:
            self.answer("text/html", b"<p>Masuk ke jaringan hotel</p>")

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path in PICTURES:
            self.answer("image/jpeg", PICTURES[path])
            return
        if path.startswith("/tinjau/"):
            became = path.rsplit("/", 1)[1]
            flag = None if became == "none" else {"state": became}
            self.answer("application/json", json.dumps({"state": "screened", "flag": flag}).encode())
            return
        given = {name: values[0] for name, values in parse_qs(query).items()}
        page = POST.format_map({"text": "", "picture": "/foto.jpg", "posted": "2026-01-01"} | given)
        self.answer("text/html; charset=utf-8", page.encode())

    def answer(self, kind: str, body: bytes, *, status: int = 200, wait: str = "0") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Retry-After", wait)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


@contextmanager
def posts() -> Iterator[int]:
    """The port on which the posts are served, for 127.0.0.1 and for localhost: two sites to a browser."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Posts) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
