"""A page of another origin in a real Chromium: with the origin on the list it reads the API, without it does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.auth.principal import SYSTEM
from app.auth.tokens import create_token
from app.db.engine import open_engine, session_factory
from app.db.people_tables import User
from app.settings import Settings
from tests.browser.serving import serve

ASK = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return [answer.status, answer.headers.get('ratelimit-policy'), (await answer.json()).login ?? null];
  } catch (error) { return [0, null, error.name]; }
}"""


class Blank(BaseHTTPRequestHandler):
    """An empty page at every address."""

    def do_GET(self) -> None:
        """The page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def elsewhere() -> Iterator[str]:
    """Another origin on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Setting:
    """Netra, a token for it, an origin of its list and one that is not there."""

    url: str
    token: str
    listed: str
    other: str


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    made: list[str] = []

    def fill(settings: Settings) -> dict[str, str]:
        engine = open_engine(settings.sqlalchemy_url)
        with session_factory(engine)() as session:
            owner = User(login="pantau", name="Pemantau", role="monitor", password_hash="-")
            session.add(owner)
            session.flush()
            made.append(create_token(session, SYSTEM, owner, "dasbor", ["submit"])[0])
            session.commit()
        engine.dispose()
        return {}

    with ExitStack() as stack:
        listed, other = stack.enter_context(elsewhere()), stack.enter_context(elsewhere())
        monkeypatch.setenv("NETRA_CORS_ORIGINS", listed)
        site = stack.enter_context(serve(tmp_path, filled=fill))
        yield Setting(site.url, made[0], listed, other)


def test_only_pages_of_the_list_read_and_only_with_a_token(setting: Setting, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()

    def ask(token: str, **options: object) -> list[object]:
        sent = {"headers": {"Authorization": f"Bearer {token}"} if token else {}, **options}
        answer: list[object] = page.evaluate(ASK, [f"{setting.url}/api/v1/session", sent])
        return answer

    page.goto(setting.listed)
    status, policy, login = ask(setting.token)
    assert (status, login) == (200, "pantau")
    assert str(policy).startswith('"')  # a header that other origins may read
    assert ask("ntr_wrong")[0] == 401  # a refusal can be read as well
    assert ask("", credentials="include")[0] == 0  # the browser shows no answer to a request that may carry cookies
    page.goto(setting.other)
    assert ask(setting.token) == [0, None, "TypeError"]
    context.close()
