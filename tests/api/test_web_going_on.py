"""Working through a filtered queue in a browser: every next item comes from the same filters until work begins anew."""

from __future__ import annotations

import html

from fastapi.testclient import TestClient

from app.db.base import now
from app.db.flag_tables import Flag
from tests.api.people import add
from tests.api.test_web_work import done, page, verdict
from tests.api.world import World

START = "/antrean/berikutnya"
VIDEO = {"platform": "tiktok"}


def next_item(client: TestClient, path: str = START, **form: str) -> str:
    """The address to which taking the next item leads."""
    return done(client.post(path, data=form))


def test_what_comes_next_stays_within_the_filters_until_work_begins_anew(world: World) -> None:
    videos = {world.flagged(f"Ayo coblos nomor {n}, lanjutkan!", **VIDEO)[0] for n in (1, 2, 3)}
    other = world.flagged("Kami pilih nomor 4, menangkan!", platform="facebook")[0]
    (ani,) = add(world, "ani")
    seen = [next_item(ani, f"{START}?platform=tiktok").removeprefix("/antrean/")]
    shown = html.unescape(page(ani, f"/antrean/{seen[0]}"))
    assert 'href="/antrean?platform=tiktok"' in shown
    assert 'name="lanjut" value="1"' in shown
    seen.append(next_item(ani, lewati=seen[0], lanjut="1").removeprefix("/antrean/"))
    after = done(verdict(ani, seen[1], "dismiss")).removeprefix("/antrean/")
    seen.append(after.split("?")[0])
    assert set(seen) <= videos
    third = (videos - {seen[1], seen[2]}).pop()
    assert done(verdict(ani, seen[2], "dismiss")).startswith(f"/antrean/{third}?putus=")
    over = done(verdict(ani, third, "dismiss"))
    assert over.startswith("/antrean?platform=tiktok&putus=")
    assert over.endswith("&habis=1")
    assert next_item(ani, lanjut="1") == f"/antrean/{other}", "the filters are worked through and forgotten"
    assert "platform=tiktok" not in page(ani, f"/antrean/{other}")


def test_beginning_without_filters_forgets_them_and_a_broken_cookie_is_none(world: World) -> None:
    world.flagged(**VIDEO)
    world.flagged("Kami pilih nomor 4, menangkan!", **VIDEO)
    (ani,) = add(world, "ani")
    item = next_item(ani, f"{START}?platform=tiktok")
    assert "saringan" in ani.cookies
    assert next_item(ani) == item
    assert "saringan" not in ani.cookies
    for broken in ("keadaan=" + "a" * 900, "=&=", "tingkat=x&keadaan=y", "%ff"):
        ani.cookies.set("saringan", broken)
        assert next_item(ani, lanjut="1") == item, broken


def test_the_office_says_how_long_an_item_is_held(world: World) -> None:
    flag_id = world.flagged()[0]
    values = {"name": "claim_minutes", "value": "45", "reason": "Butir panjang perlu lebih banyak waktu", "seen": "10"}
    assert world.browser("coordinator").post("/setelan", data=values).status_code == 303
    (ani,) = add(world, "ani")
    for path in (START, f"/antrean/{flag_id}/ambil"):
        done(ani.post(path))
        with world.services.sessions() as session:
            until = session.query(Flag).one().claimed_until
        assert until is not None
        assert 43 < (until - now()).total_seconds() / 60 <= 45
        done(ani.post(f"/antrean/{flag_id}/lepas"))
