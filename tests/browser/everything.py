"""A console in which something of everything is there: an item in each state, figures, drafts, long work, a record."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import SYSTEM, Principal
from app.auth.users import principal_of
from app.db.base import now
from app.db.capture_tables import Capture
from app.db.engine import open_engine, session_factory
from app.db.flag_tables import Flag
from app.db.hook_tables import Delivery, Webhook
from app.db.office_tables import Destruction, DestructionRun, Setting, Work
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.db.tip_tables import Tip
from app.office.rescreening import APPLY, LOOK, summary_of
from app.review import fairness, handling, hold
from app.review.acts import case_of, mirror
from app.review.claims import claim
from app.review.decide import decide
from app.review.filters import Filters
from app.review.handling import Document
from app.review.rechecks import record_recheck
from app.review.risk import set_risk
from app.review.saved import save
from app.review.workflow import STATES
from app.rules.revise import with_bands
from app.rules.ruleset import own_source
from app.screening import rule_versions
from app.sealing import fernet
from app.settings import Settings
from app.storage import Blobs
from app.tips import convert
from app.tips.codes import fingerprint, new_code
from app.tips.sheet import Reporter
from tests.browser.sample import CONTEST, PAIRS, fill
from tests.decided import Decided

NOTE = "Contoh catatan yang cukup panjang untuk halaman ini."
RUN, DRAFT = 1, 1
WORKS = {name: uuid.UUID(int=number) for number, name in enumerate(("looked", "running", "failed", "retained"), 1)}
HOOKS = {name: uuid.UUID(int=number) for number, name in enumerate(("halted", "active"), 1)}
HOURS = 600.0
"""Claims of the sample outlast the tests."""
Step = Callable[[Flag], object]


def fill_with_everything(settings: Settings) -> dict[str, str]:
    """Fill a migrated, empty database; the ids of flags by the name of the post or of the state,
    and of one submission."""
    names = fill(settings, filler=2 * len(STATES))
    engine = open_engine(settings.sqlalchemy_url)
    with session_factory(engine)() as session:
        people = {user.login: principal_of(user) for user in session.scalars(select(User))}
        names |= add_states(session, Blobs(settings.blobs_url), people, fernet(settings))
        add_office(session, people, uuid.UUID(names["dismissed"]))
        add_webhooks(session)
        add_capture(session, people["tinjau"], uuid.UUID(names["dismissed"]))
        add_figures(session)
        session.add(Setting(name="tips_open", value=True, reason=NOTE, changed_by="koordinator"))
        names["submission"] = str(session.get_one(Flag, uuid.UUID(names["own"])).submission_id)
        session.commit()
    engine.dispose()
    return names


def add_states(session: Session, blobs: Blobs, people: dict[str, Principal], key: Fernet) -> dict[str, str]:
    """Bring one of the filling posts into each state of the workflow; the ids by state."""
    ani, budi, chief = people["tinjau"], people["tinjau2"], people["koordinator"]

    def says(who: Principal, verdict: str, reason: str) -> Step:
        return lambda flag: decide(
            session, who, flag.id, verdict, reason, NOTE, flag.last_event, second_look_share=0
        )  # fmt: skip

    first, second = says(ani, "confirm", "campaign_text"), says(budi, "confirm", "campaign_text")
    against, dismissal = says(budi, "dismiss", "news_or_official"), says(ani, "dismiss", "news_or_official")
    paper = Document("keberatan.pdf", "application/pdf", b"%PDF-1.7 keberatan")
    steps: dict[str, tuple[Step, ...]] = {
        "new": (lambda flag: handling.comment(session, ani, flag.id, NOTE),),
        "claimed": (lambda flag: claim(session, chief, flag.id, HOURS),),
        "decided_once": (first,),
        "disagreement": (first, against),
        "confirmed": (first, second, lambda flag: hold.hold(session, chief, flag.id, NOTE)),
        "dismissed": (dismissal, lambda flag: fairness.mark_gold(session, chief, flag.id, "dismiss", NOTE)),
        "needs_info": (lambda flag: handling.ask(session, ani, flag.id, NOTE, flag.last_event),),
        "escalated": (lambda flag: handling.escalate(session, ani, flag.id, NOTE, flag.last_event),),
        "appealed": (
            dismissal,
            lambda flag: handling.appeal(session, blobs, budi, flag.id, paper, NOTE, flag.last_event),
        ),
        "reopened": (dismissal, lambda flag: handling.reopen(session, chief, flag.id, NOTE, flag.last_event)),
        "closed": (dismissal, lambda flag: handling.close(session, chief, flag.id, NOTE, flag.last_event)),
        "tip": (lambda flag: as_tip(session, flag),),
        "set_aside": (lambda flag: as_tip(session, flag), lambda flag: put_aside(session, ani, flag)),
        "converted": (lambda flag: as_tip(session, flag), lambda flag: convert_to_laporan(session, key, budi, flag)),
        "held by another": (lambda flag: claim(session, budi, flag.id, HOURS),),
    }
    assert set(STATES) <= steps.keys()
    query = select(Flag).join(Submission).where(Submission.handle.like("@warga.%")).order_by(Submission.received_at)
    found = dict(zip(steps, session.scalars(query.limit(len(steps))), strict=True))
    for name, flag in found.items():
        for step in steps[name]:
            step(flag)
    assert {name: flag.state for name, flag in found.items() if name in STATES} == {name: name for name in STATES}
    return {name: str(flag.id) for name, flag in found.items()}


def as_tip(session: Session, flag: Flag) -> None:
    """Make the item one that the public sent."""
    session.add(Tip(submission_id=flag.submission_id, code_hash=fingerprint(new_code()), seen=NOTE))
    audit.append(session, SYSTEM, "flag.raised", "flag", flag.id, {"tip": True})
    mirror(session, flag, case_of(session, flag))


def put_aside(session: Session, who: Principal, flag: Flag) -> None:
    """Make nothing of a tip."""
    tip = session.scalars(select(Tip).where(Tip.submission_id == flag.submission_id)).one()
    convert.set_aside(session, who, tip.id, "tip_too_little", NOTE, flag.last_event)


def convert_to_laporan(session: Session, key: Fernet, who: Principal, flag: Flag) -> None:
    """Make a laporan of a tip."""
    tip = session.scalars(select(Tip).where(Tip.submission_id == flag.submission_id)).one()
    reporter = Reporter("Nama Pelapor", "Jalan Contoh 1", "0800-000-000", "", "voter", "tetangga", "", signed=True)
    known = datetime.now(ZoneInfo("Asia/Jakarta")).date()
    wanted = convert.Conversion(convert.LAPORAN, known, "Balai warga", NOTE, "", reporter)
    convert.convert(session, who, key, tip.id, wanted, flag.last_event)


def add_office(session: Session, people: dict[str, Principal], dismissed: uuid.UUID) -> None:
    """A draft of rules, long work in four states, a record of destruction, a kept filter, a conflict, a risk class."""
    chief = people["koordinator"]
    draft = rule_versions.draft(session, chief, with_bands(own_source(), {"low": 0.33}), NOTE)
    assert draft.id == DRAFT
    fairness.declare(session, people["tinjau2"], CONTEST, NOTE)
    for who in (chief, people["admin"]):
        save(session, who, f"Kuat ({who.login})", Filters(band="high"))
    set_risk(session, chief, "99.01", "high", NOTE)
    submission = session.get_one(Flag, dismissed).submission_id
    session.add(DestructionRun(id=RUN, begun_at=now() - timedelta(days=1), ended_at=now(), actor="netra", sessions=2))
    session.flush()
    gone = [{"sha256": "0f" * 32, "kept": False}, {"sha256": "a1" * 32, "kept": True}]
    session.add(
        Destruction(run_id=RUN, kind="item", submission_id=submission, rule="dismissed", since=now(), hashes=gone)
    )
    session.add_all(long_work(session, chief, submission))
    session.flush()


def long_work(session: Session, chief: Principal, submission: uuid.UUID) -> list[Work]:
    """A finished report, a run under way, one that failed and a run of retention, all asked for by the coordinator."""
    low = {"band": "low", "score": 0.3, "paslon": f"{CONTEST}/1", "direction": "support"}
    high, none = low | {"band": "high", "score": 0.8, "paslon": f"{CONTEST}/2"}, {"band": "none", "score": 0.1}
    effects = (("changes", low, high), ("falls away", low, none | {"paslon": None, "direction": None}))
    outcomes = [
        {"submission": str(submission), "before": before, "after": after, "effect": effect, "write": True}
        for effect, before, after in effects
    ]
    report = {"rules": rule_versions.live(session).rules.version, "writes": 2} | summary_of(outcomes)
    asked = {"user_id": chief.user_id, "login": chief.login}
    params = {"contest": CONTEST}
    applied = {"look": str(uuid.uuid4()), "reason": NOTE}
    return [
        Work(
            id=WORKS["looked"],
            kind=LOOK,
            params=params,
            state="done",
            result=report,
            done=2,
            total=2,
            ended_at=now(),
            **asked,
        ),
        Work(id=WORKS["running"], kind=APPLY, params=params | applied, state="running", done=3, total=10, **asked),
        Work(
            id=WORKS["failed"],
            kind=LOOK,
            params=params,
            state="failed",
            failure="Gagal / Failed",
            ended_at=now(),
            **asked,
        ),
        Work(
            id=WORKS["retained"], kind="retain", params={}, state="done", result={"run": RUN}, ended_at=now(), **asked
        ),
    ]


def add_capture(session: Session, reviewer: Principal, flag_id: uuid.UUID) -> None:
    """An item that a browser captured, with a long page, at whose original somebody looked again."""
    post = session.get_one(Flag, flag_id).submission
    session.add(
        Capture(
            submission_id=post.id,
            page_title="Unggahan contoh",
            captured_at=now().isoformat(timespec="seconds"),
            posted_at="2 jam",
            note=NOTE,
            evidence="Baris dengan kata orang lain\n" * 200,
            verified=True,
        )
    )
    post.url = "https://www.instagram.com/p/contoh/"
    record_recheck(session, reviewer, post.id, "gone")


def add_figures(session: Session) -> None:
    """Some hundred decided items, so that the pages of figures have something to say."""
    pairs = [f"{CONTEST}/{number}" for number, *_ in PAIRS]
    items = Decided(session, [(CONTEST, pairs)], ["tinjau", "tinjau2", "koordinator"], "pantau")
    items.add(160)
    items.add_unflagged(100, sampled=40)


def add_webhooks(session: Session) -> None:
    """One that halted after deliveries of every state, one that runs and is being rotated."""
    common = {"events": ["flag.raised", "flag.confirmed"], "secret": b"x", "cursor": 1, "made_by": "koordinator"}
    address = "https://rujukan.contoh.id/masuk/netra?sumber=pemeriksaan-unggahan-muara-embun"
    session.add(Webhook(id=HOOKS["halted"], name="Sistem rujukan", url=address, state="halted", halted_for="failures",
                        failures=11, **common))  # fmt: skip
    session.add(Webhook(id=HOOKS["active"], name="Papan pantau", url="https://papan.contoh.id/", failures=2,
                        old_secret=b"y", old_until=now() + timedelta(hours=9), **common))  # fmt: skip
    session.flush()
    tries = (
        ("delivered", 200, "", "ok"), ("dead", 503, "status", "Layanan sedang dirawat, coba lagi nanti"),
        ("waiting", None, "timeout", ""), ("delivered", 204, "", ""),
    )  # fmt: skip
    for name, hook_id in HOOKS.items():
        for number, (state, status, failure, answer) in enumerate(tries, 1):
            soon = now() + timedelta(minutes=10) if state == "waiting" and name == "active" else None
            session.add(Delivery(
                webhook_id=hook_id, number=number, kind="flag.raised", body="{}", state=state, tries=number,
                made_at=now() - timedelta(minutes=9 - number), tried_at=now(), next_at=soon, status=status,
                failure=failure, milliseconds=120 * number, answer=answer,
            ))  # fmt: skip
