"""The sheet about a reporter (pelapor): sealed, apart from the case, each reading on record with its reason."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.auth.users import one_line
from app.db.engine import rows_changed
from app.db.tip_tables import ReporterSheet
from app.errors import BadInput, NotFound, NotReady
from app.review.acts import note_of
from app.text.storable import storable
from app.tips.found import flag_of, get_tip

STANDINGS = ("voter", "monitor", "contestant")
"""Who may report (UU 1/2015 article 134(2), UU 7/2017 article 454): a voter, an accredited monitor, a contestant."""
LEAST_REASON = 10
LONGEST_WITNESSES = 2000


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports. `standing` is one of STANDINGS; `signed`: the signature on the form is that of the identity card."""

    name: str = ""
    address: str = ""
    contact: str = ""
    id_number: str = ""
    standing: str = ""
    relation: str = ""
    witnesses: str = ""
    signed: bool = False


def checked(given: Reporter) -> Reporter:
    """The sheet as it is kept. Raises BadInput naming the first formal condition (syarat formal) that is not met."""
    kept = {
        field: one_line(getattr(given, field), longest, field)
        for field, longest in (("name", 200), ("address", 500), ("contact", 200))
    }
    for field, longest in (("id_number", 40), ("relation", 200)):
        kept[field] = one_line(getattr(given, field), longest, field) if getattr(given, field).strip() else ""
    if given.standing not in STANDINGS:
        raise BadInput(
            "Pelapor harus pemilih, pemantau terakreditasi, atau peserta pemilihan"
            " / A reporter is a voter, an accredited monitor or a contestant",
            field="standing",
        )
    if not given.signed:
        raise BadInput(
            "Tanda tangan harus cocok dengan identitas / The signature must match the identity card", field="signed"
        )
    witnesses = storable(given.witnesses.replace("\r\n", "\n").strip())
    if len(witnesses) > LONGEST_WITNESSES:
        raise BadInput(f"Lebih dari {LONGEST_WITNESSES} karakter / Too many characters", field="witnesses")
    return Reporter(**kept, standing=given.standing, witnesses=witnesses, signed=True)


def keep(session: Session, principal: Principal, cipher: Fernet, tip_id: uuid.UUID, reporter: Reporter) -> None:
    """Seal the sheet of a tip; the caller commits."""
    sealed = cipher.encrypt(json.dumps(asdict(reporter)).encode())
    session.add(ReporterSheet(tip_id=tip_id, sealed=sealed, made_by=principal.login))


def read(
    session: Session, principal: Principal, cipher: Fernet, tip_id: uuid.UUID, reason: str, field: str = "reason"
) -> Reporter:
    """Open the sheet for a reason of at least 10 characters; that is an event, which the caller commits before anything
    is shown. `field` names the reason in errors.

    Raises NotAllowed, NotFound, BadInput, and NotReady when the key is another one."""
    principal.require("reporter.read")
    tip = get_tip(session, tip_id)
    why = note_of(reason, LEAST_REASON, field)
    row = session.get(ReporterSheet, tip.id)
    if row is None:
        raise NotFound("Tidak ada lembar pelapor / There is no sheet about a reporter")
    audit.append(session, principal, "flag.reporter_read", "flag", flag_of(session, tip).id, {"note": why})
    return _opened(cipher, row.sealed)


def _opened(cipher: Fernet, sealed: bytes) -> Reporter:
    try:
        return Reporter(**json.loads(cipher.decrypt(sealed)))
    except InvalidToken as error:
        raise NotReady(
            "Kunci sandi tidak cocok dengan lembar pelapor; pulihkan NETRA_SECRET_KEY atau secret.key"
            " / The key does not open the sheet: restore NETRA_SECRET_KEY or secret.key"
        ) from error


def remove(session: Session, tip_id: uuid.UUID) -> bool:
    """Destroy the sheet of a tip; whether there was one. The caller commits."""
    gone = session.execute(delete(ReporterSheet).where(ReporterSheet.tip_id == tip_id))
    return rows_changed(gone) > 0
