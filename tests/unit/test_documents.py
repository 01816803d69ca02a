"""Documents that say something about the code say what the code says."""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from pydantic import SecretStr, ValidationError

from app import __version__
from app.cli import app as cli
from app.i18n import LANGUAGES, messages
from app.roster.file import ElectionFile, parse_roster
from app.settings import REPOSITORY, Settings
from app.vision.enrolment import REFUSALS

READMES = ("README.md", "README.id.md")
DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "models" / "README.md"]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
VERDICTS = re.compile(r"\b(pelanggar|pelaku|tersangka|violator|offender|perpetrator|guilty)\b", re.IGNORECASE)
"""Words that call somebody an offender. (Pelanggaran, violation, is the law's word for a subject matter.)"""


def read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def commands(group: typer.Typer, before: str = "netra") -> set[str]:
    """Every command in full; a group that does something of its own is one too."""
    own = {f"{before} {command.name}" for command in group.registered_commands}
    if group.registered_callback and group.registered_callback.invoke_without_command is True:
        own.add(before)
    groups = [(inner.typer_instance, f"{before} {inner.name}") for inner in group.registered_groups]
    return own.union(*(commands(inner, name) for inner, name in groups if inner is not None))


def shown_default(value: object) -> str:
    """A default as the table writes it."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        return f"`{value.relative_to(REPOSITORY).as_posix()}/`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else ""


def test_the_settings_table_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(NETRA_\w+)` \| (.*?) ?\| (.*) \|$", read("README.md"), re.MULTILINE)
    fields = Settings.model_fields.items()
    wanted = [(f"NETRA_{name.upper()}", shown_default(field.default), field.description) for name, field in fields]
    assert [(name, default, about) for name, default, about in rows] == wanted


def test_every_variable_named_anywhere_is_a_setting() -> None:
    known = {f"NETRA_{name.upper()}" for name in Settings.model_fields}
    names = [*(str(path.relative_to(REPOSITORY)) for path in DOCUMENTS), "Dockerfile", "compose.yaml"]
    for name in names:
        assert set(re.findall(r"\bNETRA_[A-Z_]+\b", read(name))) <= known, name


def test_the_readme_names_exactly_the_commands_that_exist() -> None:
    table = read("README.md").split("## Commands")[1].split("## Install")[0]
    named = set(re.findall(r"`(netra [a-z]+(?: [a-z]+)?)", table))
    assert named == commands(cli)


@pytest.mark.parametrize("name", READMES)
def test_both_readmes_show_the_two_commands_first(name: str) -> None:
    first = re.search(r"```sh\n(.*?)```", read(name), re.DOTALL)
    assert first is not None
    assert re.findall(r"^scripts/\w+", first[1], re.MULTILINE) == ["scripts/run", "scripts/test"]
    assert read(name).index("```sh") < 1000


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_relative_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target) and not target.startswith("#"):
            assert (path.parent / unquote(target.split("#")[0])).exists(), target


def test_no_word_that_users_read_calls_anybody_an_offender() -> None:
    for language in LANGUAGES:
        for domain in ("netra", "console"):
            for key, forms in messages(language, domain).items():
                assert not VERDICTS.search(" ".join(forms)), (language, key)
    for template in (REPOSITORY / "app" / "web" / "templates").rglob("*.html"):
        words = re.sub(r"\{[{%].*?[%}]\}|<[^>]*>", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not VERDICTS.search(words), template.name


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert version == __version__
    assert re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}$", read("CHANGELOG.md"), re.MULTILINE)


def test_the_roster_document_shows_a_valid_file_and_every_refusal() -> None:
    document = read("docs/roster.md")
    example = re.search(r"```json\n(.*?)```", document, re.DOTALL)
    assert example is not None
    roster = parse_roster(json.loads(example[1]))
    assert [pair.number for pair in roster.contests[0].paslon] == [1, 2]
    assert all(f"| `{reason}` |" in document for reason in REFUSALS)


def test_the_roster_document_allows_the_ids_that_the_code_allows() -> None:
    row = re.search(r"^\| `election` \| `id` \| (.*) \|$", read("docs/roster.md"), re.MULTILINE)
    assert row is not None
    named = set(re.findall(r"`(.)`", row[1]))
    accepted = {sign for sign in string.punctuation if fits(f"a{sign}b")}
    assert accepted == named == {sign for sign in named if not fits(f"{sign}b")}
    assert all(map(fits, ("a", "Z", "0", "a" * 80)))
    assert not any(map(fits, ("", "a" * 81, "a b")))


def fits(election_id: str) -> bool:
    """Whether the code takes this id."""
    try:
        ElectionFile.model_validate({"id": election_id, "name": "Pilkada", "voting_day": "2029-11-28"})
    except ValidationError:
        return False
    return True


def test_third_party_names_what_is_installed() -> None:
    command = [sys.executable, "scripts/third_party.py", "--check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_every_install_path_leaves_headless_opencv_alone() -> None:
    """insightface asks for opencv-python, so whatever installs the lists must not resolve dependencies."""
    for name in (*READMES, "Dockerfile", "scripts/setup"):
        for line in read(name).splitlines():
            if "pip install" in line and not line.lstrip().startswith("#"):
                assert "--no-deps" in line, (name, line)
    pinned = read("requirements/run.txt")
    assert "opencv-python-headless==" in pinned
    assert not re.search(r"^opencv-(contrib-)?python==", pinned, re.MULTILINE)
