"""The builds of the extension: the same bytes every time, clean for Mozilla's linter, loaded by a real Firefox."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.browser.browser_extension import posts
from tests.browser.marionette import Firefox, firefox
from tests.conftest import REPOSITORY, missing

Seen = TypeVar("Seen")
EXTENSION = REPOSITORY / "extension"
LINTER = REPOSITORY / "var" / "cache" / "web-ext" / "node_modules" / ".bin" / "web-ext"
NAME, HOST = "netra@netra.invalid", "6d1f9c52-6a0e-4a27-9f53-0c8f2f6b7a11"
PAGES = {"options": "Netra options", "popup": "Capture this tab", "form": "no longer in this browser"}
"""What each page shows; the popup is ready only after the background script has answered it."""
CHOOSE = """const menu = document.getElementById('contentAreaContextMenu');
const entry = menu.state === 'open' && menu.querySelector('menuitem[id^="netra_"]');
if (entry) menu.activateItem(entry); return Boolean(entry);"""
PERMISSIONS = ["activeTab", "alarms", "contextMenus", "scripting", "storage", "unlimitedStorage"]


def build(to: Path, *options: str) -> Path:
    command = [sys.executable, str(REPOSITORY / "scripts" / "build_extension"), "--to", str(to), *options]
    subprocess.run(command, check=True, capture_output=True)
    return to


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


def manifest(folder: Path, browser: str) -> dict[str, object]:
    read: dict[str, object] = json.loads((folder / browser / "manifest.json").read_text(encoding="utf-8"))
    return read


def test_the_zips_are_the_same_bytes_every_time(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    packed = sorted(built.glob("*.zip"))
    assert [path.name for path in packed] == ["netra-0.1.0-chromium.zip", "netra-0.1.0-firefox.zip"]
    for path in packed:
        assert path.read_bytes() == (again / path.name).read_bytes()
        with zipfile.ZipFile(path) as archive:
            browser = path.stem.rsplit("-", 1)[1]
            files = {p.relative_to(built / browser).as_posix() for p in (built / browser).rglob("*") if p.is_file()}
            assert set(archive.namelist()) == files


def test_no_permission_is_asked_for_at_installation_but_the_least(built: Path, tmp_path: Path) -> None:
    for browser in ("chromium", "firefox"):
        made = manifest(built, browser)
        assert made["permissions"] == PERMISSIONS
        assert "host_permissions" not in made
        assert "content_scripts" not in made
    own = build(tmp_path, "--server", "https://netra.contoh.example")
    assert manifest(own, "chromium")["host_permissions"] == ["https://netra.contoh.example/*"]


def test_no_code_from_elsewhere() -> None:
    for path in [*EXTENSION.rglob("*.js"), *EXTENSION.rglob("*.html")]:
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href|from|import\()\s*=?\s*["']https?:""", source), path.name
        assert not re.search(r"\beval\(|new Function|innerHTML|document\.write", source), path.name


def test_both_languages_have_the_same_words_and_all_that_are_used() -> None:
    read = {
        language: json.loads((EXTENSION / "_locales" / language / "messages.json").read_text(encoding="utf-8"))
        for language in ("id", "en")
    }
    assert read["id"].keys() == read["en"].keys()
    for key, entry in read["id"].items():
        assert set(re.findall(r"\$\d", entry["message"])) == set(re.findall(r"\$\d", read["en"][key]["message"])), key
    sources = [path for path in EXTENSION.rglob("*") if path.suffix in {".js", ".html"} or path.name == "manifest.json"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r"""\bt\('([a-z_]+)'|data-(?:t|label)="([a-z_]+)"|__MSG_([a-z]+)__""", source))
    assert {key for found in used for key in found if key} <= read["id"].keys()


def test_mozillas_linter_finds_no_error(built: Path) -> None:
    if not LINTER.is_file():
        missing("web-ext, Mozilla's linter of extensions")
    command = [str(LINTER), "lint", "--source-dir", str(built / "firefox"), "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    report = json.loads(done.stdout[done.stdout.index("{") :])
    assert report["summary"] == {"errors": 0, "notices": 0, "warnings": 0}, report


@pytest.fixture(scope="module")
def running(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        missing("Firefox (Debian package firefox-esr)")
    with firefox(str(program), tmp_path_factory.mktemp("firefox"), {NAME: HOST}) as one:
        assert one.do("Addon:Install", path=str(next(built.glob("*-firefox.zip"))), temporary=True) == NAME
        yield one


def test_firefox_loads_the_build(running: Firefox) -> None:
    for page, words in PAGES.items():
        running.do("WebDriver:Navigate", url=f"moz-extension://{HOST}/pages/{page}.html")
        assert words in shown(running)


def test_a_right_click_in_firefox_captures_the_picture_and_reads_the_page(running: Firefox) -> None:
    with posts() as port:
        running.do("WebDriver:Navigate", url=f"http://127.0.0.1:{port}/post?text=Coblos")
        before = running.do("WebDriver:GetWindowHandles")
        running.right_click("img")
        eventually(lambda: running.inside(CHOOSE), "no entry in the context menu")
        form = eventually(lambda: set(running.do("WebDriver:GetWindowHandles")) - set(before), "no form opened")
        running.do("WebDriver:SwitchToWindow", handle=form.pop())
        assert "Original image file" in shown(running)
        read = running.script("return ['handle', 'text'].map((id) => document.getElementById(id).value)")
        assert read == ["@dinas.contoh", "Coblos"]
        assert "kept as evidence" in running.script("return document.getElementById('facts').innerText")


def shown(running: Firefox) -> str:
    """The words of the page once its module has run."""
    eventually(lambda: running.script("return document.body?.dataset.ready") == "yes", "the page's module did not run")
    return str(running.script("return document.body.innerText"))


def eventually(look: Callable[[], Seen], told: str) -> Seen:
    """What `look` sees as soon as that is something."""
    until = time.monotonic() + 20
    while not (seen := look()):
        assert time.monotonic() < until, told
        time.sleep(0.1)
    return seen
