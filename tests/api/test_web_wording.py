"""What people read where it is easily forgotten: refusals, names instead of codes, titles of what is shown."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient

from tests.api.world import World

HTML = {"Accept": "text/html"}


def read(client: TestClient, path: str, status: int = 200) -> str:
    """The page, its HTML entities resolved."""
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, (path, answer.status_code)
    return html.unescape(answer.text)


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_refusal_names_the_role_and_leaves_the_way_back(common_world: World, language: str) -> None:
    monitor = common_world.browser("monitor")
    monitor.cookies.set("bahasa", language)
    said = read(monitor, "/antrean", 403)
    assert "flag.read" not in said
    assert ("Peran Anda (Pemantau)" if language == "id" else "Your role (Monitor)") in said
    for path, status in (("/antrean", 403), ("/tidak/ada", 404), ("/kontes/tidak-ada", 404)):
        assert re.search(r'<nav.*href="/kiriman"', read(monitor, path, status), re.S), path
    assert 'action="/keluar"' in said
    assert "<nav" not in read(common_world.nobody(), "/tidak/ada", 404)


def test_platforms_have_their_names_on_the_dashboard(world: World) -> None:
    world.flagged(platform="instagram")
    world.flagged("Kami pilih nomor 4, menangkan!", platform="x")
    said = read(world.browser("coordinator"), "/dasbor")
    part = said[said.index('id="platform"') if 'id="platform"' in said else 0 :]
    assert "Instagram" in part
    assert not re.search(r">\s*instagram\s*<", part)


def test_the_list_of_everybodys_posts_is_not_called_mine(common_world: World) -> None:
    reviewer = common_world.browser("reviewer")
    assert "<h1>Kiriman saya</h1>" in read(reviewer, "/kiriman")
    assert "<h1>Semua kiriman</h1>" in read(reviewer, "/kiriman?milik=semua")
    assert "<h1>Kiriman saya</h1>" in read(common_world.browser("monitor"), "/kiriman?milik=semua")


def test_numbers_of_items_are_cut_where_a_part_ends(world: World) -> None:
    world.flagged()
    said = read(world.browser("auditor"), "/jejak-audit")
    shown = re.findall(r'class="mono"(?: href="[^"]*")?>([^<]+)<', said)
    assert shown
    assert not [one for one in shown if one.endswith("-")]
    assert {one for one in shown if re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}", one)}
