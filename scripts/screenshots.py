#!/usr/bin/env python3
"""Make the documentation's pictures of the console, docs/screens/*.png, in a real Chromium.

The people and pictures on them are drawn by the project (tests/browser/sample.py), so that no photo is published.
usage: .venv/bin/python scripts/screenshots.py [FOLDER]
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.browser.sample import PASSWORD  # noqa: E402
from tests.browser.serving import Site, serve  # noqa: E402

LARGEST = 250_000
SHOTS = (
    # name, page, width, height, colour scheme, language
    ("item_light", "strong", 1440, 900, "light", "id"),
    ("item_dark", "strong", 1440, 900, "dark", "en"),
    ("item_text", "text", 1440, 900, "light", "id"),
    ("item_phone", "strong", 390, 844, "light", "id"),
    ("queue", "/antrean", 1440, 900, "light", "id"),
    ("contest", "/kontes/muara-embun", 1440, 900, "light", "id"),
    ("submit", "/kirim", 1440, 900, "light", "id"),
)


def shoot(browser: Browser, site: Site, page_name: str, size: tuple[int, int], scheme: str, language: str) -> bytes:
    """One page as a PNG of at most 256 colours."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    context.add_cookies([{"name": "bahasa", "value": language, "url": site.url}])
    page = context.new_page()
    page.goto(f"{site.url}/masuk")
    page.fill("#login", "koordinator")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(lambda url: "/masuk" not in url)
    page.goto(site.item(page_name) if page_name in site.flags else site.url + page_name)
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    stream = io.BytesIO()
    picture.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main() -> int:
    """Write all pictures; 1 when one is too large for the repository."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REPOSITORY / "docs" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 1
    too_large = 0
    with tempfile.TemporaryDirectory() as data, serve(Path(data)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, page, width, height, scheme, language in SHOTS:
            png = shoot(browser, site, page, (width, height), scheme, language)
            (folder / f"{name}.png").write_bytes(png)
            too_large += len(png) > LARGEST
            print(f"{name}.png  {len(png) / 1000:.0f} kB")
        browser.close()
    return int(too_large > 0)


if __name__ == "__main__":
    sys.exit(main())
