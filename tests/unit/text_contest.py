"""The fictional contest that the text tests are about: four pairs, two of them named by ordinary words."""

from __future__ import annotations

from datetime import date

from app.election.contest import Candidate, Contest, Paslon
from app.text.registry import Registry, compile_registry


def muara_embun() -> Contest:
    """Pairs 1 ARLIS, 2 BANI, 3 CADA, 4 RAYU; ids p1..p4."""
    return Contest(
        id="muara-embun",
        name="Pilbup Muara Embun",
        region_code="99.01",
        region_name="Kabupaten Muara Embun",
        voting_day=date(2029, 11, 28),
        paslon=(
            Paslon(
                "p1",
                1,
                (Candidate("1a", "Drs. H. ARMAN DIPASENA, M.Si."), Candidate("1b", "LILIS WIRAMUKTI, S.E.")),
                aliases=("ARLIS", "Arman-Lilis"),
                slogans=("Muara Embun Gemilang",),
                parties=("Partai Cahaya Bangsa", "PCB"),
                accounts=("@arlis_muaraembun",),
            ),
            Paslon(
                "p2",
                2,
                (Candidate("2a", "BAGUS TIRTAMAYA, S.T."), Candidate("2b", "Hj. NIRMALA SEKARWATI, S.Sos.")),
                aliases=("BANI", "Bagus-Nirmala"),
                hashtags=("#BANIuntukMuaraEmbun", "#LanjutkanKerjaNyata"),
                slogans=("Lanjutkan Kerja Nyata",),
            ),
            Paslon(
                "p3",
                3,
                (
                    Candidate("3a", "dr. CAKRA WISANGGENI, Sp.A.", nicknames=("Mas Cakra",)),
                    Candidate("3b", "DAHLIA PURNAMARGA"),
                ),
                aliases=("CADA", "Cakra-Dahlia"),
            ),
            Paslon(
                "p4",
                4,
                (Candidate("4a", "Dra. RATNA KUSUMAYUDA"), Candidate("4b", "YUSRAN BENTALA, S.H., M.H.")),
                aliases=("RAYU", "Ratna-Yusran"),
            ),
        ),
    )


REGISTRY: Registry = compile_registry(muara_embun())
