"""Copies on the item's page, and one decision for several: with the keyboard alone, and looked at by axe-core."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.db.engine import open_engine
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from tests.browser.checks import complaints
from tests.browser.conftest import Visit
from tests.browser.serving import Site, serve

MEMBERS = ("strong", "text", "poster")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample, three of its posts in one group."""
    folder = tmp_path_factory.mktemp("copies")
    with serve(folder) as served:
        engine = open_engine(f"sqlite:///{folder / 'netra.db'}")
        with Session(engine) as session:
            group = uuid.uuid4()
            flags = [session.get_one(Flag, uuid.UUID(served.flags[name])) for name in MEMBERS]
            for flag in flags:
                flag.copy_group = group
                own = update(Submission).where(Submission.id == flag.submission_id)
                session.execute(own.values(copy_group=group))
            session.commit()
        engine.dispose()
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_list_is_accessible_and_fits(visit: Visit, site: Site, axe: str, scheme: str, width: int) -> None:
    page = visit("tinjau", color_scheme=scheme, width=width).page
    page.goto(site.item("strong"))
    expect(page.locator(".copies li")).to_have_count(2)
    assert complaints(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_decision_for_several_with_the_keyboard(visit: Visit, site: Site, axe: str) -> None:
    page = visit("tinjau").page
    page.goto(site.item("strong"))
    page.locator("input[name=kelompok]").focus()
    page.keyboard.press("Space")
    page.locator("main").focus()
    page.keyboard.press("t")
    expect(page.locator("h1")).to_have_text("Satu putusan untuk beberapa butir")
    assert complaints(page, axe) == []
    button = page.locator("form.row button")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_be_visible()
    for name in MEMBERS:
        page.goto(site.item(name))
        expect(page.locator(".timeline li").last).to_contain_text("Ditolak")
