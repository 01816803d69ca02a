"""Filters that people keep: private, shared by coordinators alone, shown as tabs with bounded numbers."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.auth.principal import SYSTEM
from app.db.event_tables import Event
from app.db.list_tables import SavedFilter
from app.db.people_tables import User
from app.errors import NotAllowed
from app.review.filters import Filters
from app.review.saved import LONGEST_NAME, MOST, restored, save
from tests.api.people import add
from tests.api.world import CONTEST, World


def keep(client: TestClient, name: str, query: str = f"kontes={CONTEST}", status: int = 303) -> str:
    """Save the filters of an address; where the answer leads."""
    answer = client.post(f"/antrean/saringan?{query}", data={"nama": name}, follow_redirects=False)
    assert answer.status_code == status, answer.text
    return answer.headers.get("location", "")


def change(client: TestClient, filter_id: uuid.UUID, what: str, **form: str) -> int:
    """The status of an act on a kept filter."""
    answer = client.post(f"/antrean/saringan/{filter_id}/{what}", data=form, follow_redirects=False)
    return answer.status_code


def kept(world: World) -> dict[str, SavedFilter]:
    """All of them by name."""
    with world.services.sessions() as session:
        return {row.name: row for row in session.scalars(select(SavedFilter))}


def tabs(client: TestClient) -> dict[str, str]:
    """The names on the tabs and where they lead."""
    text = client.get("/antrean").text
    listed = text.split('class="tabs"')[1].split("</ul>")[0]
    return {
        name.strip(): href.replace("&amp;", "&") for href, name in re.findall(r'href="([^"]+)"[^>]*>([^<]+)', listed)
    }


def shared_events(world: World) -> list[str]:
    """What is on record about shared filters."""
    with world.services.sessions() as session:
        return list(session.scalars(select(Event.action).where(Event.object_type == "filter").order_by(Event.id)))


def test_what_is_kept_comes_back_as_it_was(world: World) -> None:
    ani, budi = add(world, "ani", "budi")
    query = f"keadaan=semua&kontes={CONTEST}&tingkat=high&wilayah=99&tahap=kampanye&sinyal=TAGAR&platform=x"
    query += "&peninjau=budi&ditugaskan=saya&urut=-tenggat"
    assert keep(ani, " Pekan ini ", query) == f"/antrean?{query}"
    row = kept(world)["Pekan ini"]
    filters, order = restored(row.parameters)
    assert (filters.state, filters.signal, filters.assigned, order) == ("", "TAGAR", "@me", "-due")
    assert tabs(ani)["Pekan ini"] == f"/antrean?{query}"
    assert "Pekan ini" not in tabs(budi)
    page = ani.get(f"/antrean?{query}").text
    assert 'aria-current="page">Pekan ini' in page
    assert "Ubah “Pekan ini”" in page
    assert shared_events(world) == []


def test_the_same_name_again_replaces(world: World) -> None:
    (ani,) = add(world, "ani")
    keep(ani, "Rutin")
    keep(ani, "Rutin", "tingkat=low")
    assert {name: row.parameters for name, row in kept(world).items()} == {"Rutin": {"state": "waiting", "band": "low"}}


def test_renaming_and_deleting_are_the_owner_s(world: World) -> None:
    ani, budi = add(world, "ani", "budi")
    keep(ani, "Satu")
    keep(ani, "Dua")
    one = kept(world)["Satu"].id
    assert change(budi, one, "nama", nama="Milik saya") == 404
    assert change(budi, one, "hapus") == 404
    assert change(world.browser("coordinator"), one, "hapus") == 404
    assert change(ani, one, "nama", nama="Dua") == 409
    assert change(ani, one, "nama", nama="Tiga") == 303
    assert set(kept(world)) == {"Dua", "Tiga"}
    assert change(ani, one, "hapus") == 303
    assert change(ani, one, "hapus") == 404
    assert set(kept(world)) == {"Dua"}


def test_only_coordinators_share_and_it_is_on_record(world: World) -> None:
    (ani,) = add(world, "ani")
    coordinator = world.browser("coordinator")
    keep(ani, "Milik Ani")
    keep(coordinator, "Prioritas provinsi", "wilayah=99&tingkat=high")
    theirs, own = kept(world)["Milik Ani"].id, kept(world)["Prioritas provinsi"].id
    assert change(ani, theirs, "bagikan", semua="true") == 403
    assert change(coordinator, theirs, "bagikan", semua="true") == 404
    assert "Prioritas provinsi" not in tabs(ani)
    assert change(coordinator, own, "bagikan", semua="true") == 303
    assert change(coordinator, own, "bagikan", semua="true") == 303
    assert tabs(ani)["Prioritas provinsi"] == "/antrean?tingkat=high&wilayah=99"
    assert change(ani, own, "hapus") == 404
    keep(coordinator, "Prioritas provinsi", "wilayah=99")
    assert change(coordinator, own, "bagikan", semua="false") == 303
    assert "Prioritas provinsi" not in tabs(ani)
    assert shared_events(world) == ["filter.shared", "filter.shared", "filter.unshared"]


def test_another_coordinator_may_end_what_is_shared(world: World) -> None:
    first, second = add(world, "satu", "dua", role="coordinator")
    keep(first, "Bersama")
    filter_id = kept(world)["Bersama"].id
    change(first, filter_id, "bagikan", semua="true")
    assert change(second, filter_id, "nama", nama="Bersama kita") == 303
    assert change(second, filter_id, "hapus") == 303
    assert kept(world) == {}
    assert shared_events(world) == ["filter.shared", "filter.shared", "filter.unshared"]


def test_numbers_on_the_tabs_are_what_the_filters_show(world: World) -> None:
    (ani,) = add(world, "ani")
    for number in range(3):
        world.flagged(f"Ayo coblos nomor 3, lanjutkan! {number}")
    keep(ani, "Kontes ini")
    keep(ani, "Tanpa isi", "kontes=muara-a")
    keep(ani, "Dicari", "sinyal=NOMOR")
    listed = ani.get("/antrean").text.split('class="tabs"')[1].split("</ul>")[0]
    shown = dict(re.findall(r">([^<]+?) <span class=\"num sub\">([^<]+)</span>", listed))
    assert (shown["Menunggu"], shown["Kontes ini"], shown["Tanpa isi"]) == ("3", "3", "0")
    assert "Dicari" in listed
    assert "Dicari" not in shown


@pytest.mark.parametrize("name", ["", " ", "x" * (LONGEST_NAME + 1), "dua\nbaris", "\0"])
def test_names_that_are_refused(world: World, name: str) -> None:
    (ani,) = add(world, "ani")
    keep(ani, name, status=422)
    assert kept(world) == {}


def test_there_is_an_end_to_it(world: World) -> None:
    (ani,) = add(world, "ani")
    for number in range(MOST):
        keep(ani, f"Saringan {number}")
    keep(ani, "Satu lagi", status=422)
    keep(ani, "Saringan 0", "tingkat=low")
    assert len(kept(world)) == MOST
    with world.services.sessions() as session, pytest.raises(NotAllowed):
        save(session, SYSTEM, "tanpa orang", Filters())


def test_they_go_with_their_owner(world: World) -> None:
    (ani,) = add(world, "ani")
    keep(ani, "Rutin")
    with world.services.sessions() as session:
        session.delete(session.scalars(select(User).where(User.login == "ani")).one())
        session.commit()
    assert kept(world) == {}
