"""Two tips of the public for the demo election, and its page for them opened."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.office_tables import Setting
from app.db.tip_tables import Tip
from app.intake.upload import Upload
from app.office.change import change
from app.screening.service import Services
from app.sealing import signing_key
from app.tips import proof
from app.tips.receive import receive

CONTEST = "muara-embun"
TIPS = (
    (
        "Ayo coblos nomor 3, lanjutkan!",
        "Diunggah di grup warga oleh orang yang dikenal sebagai lurah. Foto profilnya memakai seragam dinas.",
    ),
    (
        "Terima kasih warga yang hadir di posyandu pagi ini.",
        "Menurut tetangga ada bagi-bagi stiker calon setelah posyandu, tetapi saya tidak melihatnya sendiri.",
    ),
)
"""The words of a post, and what its sender saw: one that the rules flag, one that they do not."""


def send_tips(session: Session, services: Services) -> list[uuid.UUID]:
    """Open the page for the public and send the tips; their submissions. Again: nothing."""
    if session.get(Setting, "tips_open") is None:
        change(session, SYSTEM, services.settings, {"tips_open": True}, "Contoh: halaman publik dibuka")
        session.commit()
        services.operating.forget()
    if session.scalar(select(Tip.id).limit(1)) is not None:
        return []
    sent = []
    for text, seen in TIPS:
        challenge = proof.issue(signing_key(services.settings, "demo"), 1, now())
        upload = Upload(text=text, contest=CONTEST, platform="whatsapp")
        sent.append(receive(session, services.blobs, services.settings, upload, seen, challenge).tip.submission_id)
        session.commit()
    return sent
