"""The adapters of the extension on pages made for them, which copy only the structure that an adapter relies on; and on
pages whose structure has changed, where they cost a field and never the capture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import REPOSITORY

NAMES = ("fields.js", "adapters.js", "generic.js", "read.js")
READERS = "\n".join((REPOSITORY / "extension" / "page" / name).read_text(encoding="utf-8") for name in NAMES)
READ = "([address, hint]) => netraRead(document, new URL(address), hint)"
PICTURE = "https://cdn.example/2.jpg"

INSTAGRAM = """<main><article><header><a href="/akun.lain/">akun.lain</a></header><h1>Bukan ini</h1></article>
<article><header><a href="/explore/">x</a><a href="/dinas.contoh/">dinas.contoh</a></header><img src="{picture}">
<h1>Ayo coblos nomor 2</h1><a href="/p/Abc123/"><time datetime="2026-11-20T03:00:00.000Z">1 hari</time></a>
</article></main>"""
FACEBOOK = """<div role="article"><h3><a href="https://www.facebook.com/dinas.contoh?__cft__=1"><b>Dinas Contoh</b>
</a></h3>
<a href="/dinas.contoh/posts/123" aria-label="20 November pukul 10.00">2 j</a>
<div data-ad-comet-preview="message">Ayo coblos nomor 2</div></div>"""
TIKTOK = """<div><span data-e2e="browse-username">dinas.contoh</span>
<span data-e2e="browser-nickname"><span>Dinas</span><span> · </span><span>11-20</span></span>
<div data-e2e="browse-video-desc">Ayo coblos nomor 2</div></div>"""
X = """<article data-testid="tweet"><div data-testid="User-Name"><a href="/orang_lain">Orang</a></div>
<div data-testid="tweetText">Bukan ini</div></article><article data-testid="tweet">
<div data-testid="User-Name"><a href="/dinas_contoh">Dinas</a></div><img src="{picture}">
<a href="/dinas_contoh/status/99"><time datetime="2026-11-20T03:00:00.000Z">20 Nov</time></a>
<div data-testid="tweetText">Ayo coblos nomor 2</div></article>"""
YOUTUBE = """<meta itemprop="datePublished" content="2026-11-20T03:00:00+07:00"><ytd-watch-metadata><h1>Ayo coblos</h1>
<ytd-channel-name><a href="/@dinas.contoh">Dinas</a></ytd-channel-name>
<div id="description-inline-expander">nomor 2</div></ytd-watch-metadata>"""
COMMUNITY = """<ytd-backstage-post-renderer><a id="author-text" href="/@dinas.contoh">Dinas</a>
<div id="published-time-text"><a href="/post/Ugk1">2 jam yang lalu</a></div>
<div id="content-text">Ayo coblos nomor 2</div></ytd-backstage-post-renderer>"""
LINKED = """<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle",
"author": [{"name": "Redaksi"}], "datePublished": "2026-11-20", "articleBody": "Ayo coblos nomor 2"}]}</script>"""
OPEN = """<meta property="og:title" content="Judul"><meta property="og:description" content="Ayo coblos nomor 2">
<meta property="article:published_time" content="2026-11-20"><meta name="author" content="Redaksi">
<link rel="canonical" href="https://berita.example/1"><p>Isi</p>"""

SITES = {
    "instagram": ("https://www.instagram.com/dinas.contoh/", INSTAGRAM, "@dinas.contoh", "2026-11-20T03:00:00.000Z",
                  "https://www.instagram.com/p/Abc123/"),
    "facebook": ("https://www.facebook.com/", FACEBOOK, "@dinas.contoh", "20 November pukul 10.00",
                 "https://www.facebook.com/dinas.contoh/posts/123"),
    "tiktok": ("https://www.tiktok.com/@dinas.contoh/video/7", TIKTOK, "@dinas.contoh", "11-20",
               "https://www.tiktok.com/@dinas.contoh/video/7"),
    "x": ("https://x.com/home", X, "@dinas_contoh", "2026-11-20T03:00:00.000Z", "https://x.com/dinas_contoh/status/99"),
    "youtube": ("https://www.youtube.com/watch?v=abc", YOUTUBE, "@dinas.contoh", "2026-11-20T03:00:00+07:00",
                "https://www.youtube.com/watch?v=abc"),
    "youtube community": ("https://www.youtube.com/@dinas.contoh/posts", COMMUNITY, "@dinas.contoh", "2 jam yang lalu",
                          "https://www.youtube.com/post/Ugk1"),
    "website": ("https://berita.example/2", LINKED, "Redaksi", "2026-11-20", "https://berita.example/2"),
    "website opengraph": ("https://berita.example/2", OPEN, "Redaksi", "2026-11-20", "https://berita.example/1"),
}  # fmt: skip


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page; nothing is fetched."""
    context = chromium.new_context(offline=True)
    yield context.new_page()
    context.close()


def show(page: Page, address: str, html: str) -> None:
    """Put these marks into the page, as if it stood at this address, and the readers of the extension beside them."""
    page.set_content(f"<base href='{address}'>{html.replace('{picture}', PICTURE)}", wait_until="domcontentloaded")
    page.evaluate(f"{READERS}\nundefined")


def read(page: Page, address: str, html: str, *, src: str = "", selection: bool = False) -> dict[str, str]:
    """What the extension would read in this page."""
    show(page, address, html)
    found: dict[str, str] = page.evaluate(READ, [address, {"src": src, "selection": selection}])
    return found


@pytest.mark.parametrize("name", SITES)
def test_each_site_is_read(page: Page, name: str) -> None:
    address, html, handle, posted, link = SITES[name]
    found = read(page, address, html, src=PICTURE)
    assert (found["handle"], found["posted_at"], found["url"]) == (handle, posted, link)
    assert found["text"].replace("\n", " ") == "Ayo coblos nomor 2"
    assert found["platform"] == name.split(" ", maxsplit=1)[0]


def test_the_post_around_the_selection_is_meant(page: Page) -> None:
    address, html, *_ = SITES["x"]
    show(page, address, html)
    page.evaluate("getSelection().selectAllChildren(document.querySelectorAll('[data-testid=tweetText]')[1])")
    found = page.evaluate(READ, [address, {"src": "", "selection": True}])
    assert (found["handle"], found["selection"]) == ("@dinas_contoh", "Ayo coblos nomor 2")


def test_where_it_is_in_doubt_no_post_is_meant_rather_than_another(page: Page) -> None:
    address, html, handle, *_ = SITES["x"]
    elsewhere = read(page, address, html, src="https://cdn.example/di-bingkai-lain.jpg")
    assert (elsewhere["handle"], elsewhere["text"], elsewhere["url"]) == ("", "", address)
    twice = html.replace("Bukan ini</div>", "Bukan ini</div><img src='{picture}'>")
    assert read(page, address, twice, src=PICTURE)["handle"] == "", "the same picture in two posts in view"
    show(page, address, twice.replace("</article>", "</article><p style='height: 2000px'></p>", 1))
    page.evaluate("scrollTo(0, 1e6)")
    for src in (PICTURE, ""):  # a click on the picture; the whole window
        found = page.evaluate(READ, [address, {"src": src, "selection": False}])
        assert found["handle"] == handle, "the post in view"


CHANGES = [
    ("article", "section"), ("data-testid", "data-x"), ("data-e2e", "data-y"), ("href", "data-href"),
    ("ytd-", "yt-neu-"), ("datetime", "data-when"), ('ld+json">{', 'ld+json">{,'), ("h1>", "h4>"),
]  # fmt: skip


@pytest.mark.parametrize("name", SITES)
def test_a_changed_page_costs_a_field_and_never_the_capture(page: Page, name: str) -> None:
    address, html, handle, posted, _ = SITES[name]
    for old, new in CHANGES:
        found = read(page, address, html.replace(old, new), src=PICTURE)
        assert found["platform"] == name.split(" ", maxsplit=1)[0]
        assert found["url"].startswith("https://")
        assert found["handle"] in {"", handle, "Dinas Contoh"}, "never another account"
        assert found["posted_at"] in {"", posted, "2 j"}
        assert "Bukan ini" not in found["text"], "never another post's words"


BROKEN = ("", "<p>kosong</p>", "<article></article>", "<article><header><a href='https://%zz'>x</a></header></article>")
ADDRESSES = (
    "https://www.instagram.com/", "https://x.com/", "https://facebook.com/x", "https://m.tiktok.com/",
    "https://youtu.be/a", "https://contoh.example/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_or_broken_page_gives_empty_fields(page: Page, address: str) -> None:
    for html in BROKEN:
        found = read(page, address, html, src="https://cdn.example/tidak-ada.jpg")
        assert (found["handle"], found["text"], found["posted_at"], found["url"]) == ("", "", "", address)


def test_an_address_that_is_no_web_address_is_not_taken(page: Page) -> None:
    html = "<link rel='canonical' href='javascript:alert(1)'>"
    assert read(page, "https://berita.example/1", html)["url"] == ""
    assert len(read(page, "https://berita.example/1", f"<p>{'kata ' * 60_000}</p>")["evidence"]) == 200_000
