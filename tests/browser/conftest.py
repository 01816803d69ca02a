"""A real server, a real Chromium and axe-core: what the console's tests need."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.everything import fill_with_everything
from tests.browser.sample import PASSWORD
from tests.browser.serving import Site, serve
from tests.conftest import REPOSITORY, missing

AXE = "axe-core@4.14.1"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
CACHE = REPOSITORY / "var" / "cache"
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Opened:
    """A page that writes down what went wrong: script errors, CSP reports, failed requests."""

    page: Page
    problems: list[str] = field(default_factory=list)
    refusals_expected: bool = False

    def watch(self) -> None:
        """Collect console errors and uncaught exceptions."""
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self.note(message.type, message.text))

    def note(self, kind: str, text: str) -> None:
        """One console message; a refused form is answered 4xx, which Chromium reports as an error."""
        refused = self.refusals_expected and "Failed to load resource" in text and "status of 4" in text
        if kind == "error" and not refused:
            self.problems.append(text)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The console on sample data, served by two processes that share nothing but the database."""
    with serve(tmp_path_factory.mktemp("console"), processes=2) as running:
        yield running


@pytest.fixture(scope="session")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A second console, in which something of everything is there; its tests decide no item."""
    with serve(tmp_path_factory.mktemp("everything"), processes=2, filled=fill_with_everything) as running:
        yield running


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Playwright, which runs once per process, where Debian's Chromium is there."""
    if shutil.which("chromium") is None:
        missing("Chromium (Debian package chromium)")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    """Debian's Chromium."""
    browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched once through npm and checked."""
    kept = CACHE / f"{AXE}.min.js"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(fetch_axe())
    source = kept.read_bytes()
    assert hashlib.sha256(source).hexdigest() == AXE_SHA256, f"{kept} is not the pinned axe-core; remove it"
    return source.decode()


def fetch_axe() -> bytes:
    """axe.min.js out of the package."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm, which fetches axe-core (Debian package npm)")
    done = subprocess.run([str(npm), "pack", AXE, "--silent"], cwd=CACHE, capture_output=True, check=False)
    packed = CACHE / done.stdout.decode().strip()
    if done.returncode != 0 or not packed.is_file():
        missing("axe-core: `npm pack` could not fetch it")
    with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        source = member.read()
    packed.unlink()
    return source


Visit = Callable[..., Opened]


@pytest.fixture
def visit(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Visit]:
    """`visit("tinjau")` is a page signed in as that person; every page is checked for errors at the end.

    `at`: another console than the module's own."""
    opened: list[tuple[BrowserContext, Opened]] = []

    def open_as(
        login: str | None = "tinjau",
        *,
        at: Site | None = None,
        width: int = 1366,
        height: int = 768,
        **options: object,
    ) -> Opened:
        state = signed_in(at or request.getfixturevalue("site"), chromium, login)
        context = chromium.new_context(viewport={"width": width, "height": height}, storage_state=state, **options)  # type: ignore[arg-type]
        page = Opened(context.new_page())
        page.page.set_default_timeout(PATIENCE)
        page.watch()
        opened.append((context, page))
        return page

    yield open_as
    for context, page in opened:
        context.close()
        assert not page.problems, page.problems


STATES: dict[tuple[str, str], object] = {}


def signed_in(site: Site, chromium: Browser, login: str | None) -> object:
    """The cookies of a person, signed in once per test run."""
    if login is None:
        return None
    if (site.url, login) not in STATES:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{site.url}/masuk")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("button.primary")
        page.wait_for_url(lambda url: "/masuk" not in url)
        STATES[site.url, login] = context.storage_state()
        context.close()
    return STATES[site.url, login]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
