"""D15: a cropped, recompressed copy of D01 is joined to it, so that the case counts once."""

from __future__ import annotations

import io

from PIL import Image

from app.demo import pictures
from app.review.figures import Scope, load_rows
from tests.acceptance.desk import A, B, C, Desk
from tests.acceptance.scenario import WEDDING, says


def cropped(data: bytes) -> bytes:
    """A copy as it goes round: cut at the edges, smaller, compressed again."""
    image = Image.open(io.BytesIO(data))
    width, height = image.size
    part = image.crop((round(0.04 * width), round(0.03 * height), round(0.97 * width), round(0.98 * height)))
    stream = io.BytesIO()
    part.resize((round(part.width * 0.8), round(part.height * 0.8))).save(stream, "JPEG", quality=60)
    return stream.getvalue()


def test_d15_copy_of_d01(desk: Desk) -> None:
    """The copy is flagged for what it shows as well, joined to D01's item, and counted once."""
    desk.world.enrol_candidates()
    first = desk.screened(-40, -39, WEDDING, (pictures.wedding(),), handle="@dedi.embun")
    copy = desk.screened(-39, -37, "", (cropped(pictures.wedding()),), handle="@salinan.embun")
    says("D01", first)
    assert copy["paslon"] == first["paslon"]
    group = desk.at(C).get(f"/api/v1/flags/{copy['id']}/copies").json()
    assert group["size"] == 2
    assert [(one["flag"], one["handle"], one["how"]) for one in group["items"]] == [
        (first["id"], "@dedi.embun", "picture")
    ]
    desk.confirm(first["id"], A, B, article="D7", reason="photo_with_candidate_and_symbol")
    done = desk.dismiss(copy["id"], C, "duplicate", f"Salinan dari butir {first['id']}: dipotong, dikompres ulang")
    assert done["state"] == "dismissed"
    with desk.world.services.sessions() as session:
        assert [row.confirmed for row in load_rows(session, Scope())].count(True) == 1
