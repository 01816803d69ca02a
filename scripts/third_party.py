"""Makes THIRD_PARTY.md: every package of requirements/*.txt and every model of models/manifest.toml with its licence.

usage: python scripts/third_party.py           writes the file
       python scripts/third_party.py --check   changes nothing; exit code 1 when the file is not current

Licences come from the metadata of the installed packages, so all three lists must be installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from made_document import write_or_check

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENT = REPOSITORY / "THIRD_PARTY.md"
LISTS = {
    "run": "Installed wherever Netra runs",
    "models": "Only for preparing the models",
    "train": "Only for training a score of texts",
    "dev": "Only for tests and checks",
}
SHORT = 60
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "ISC License": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
NOT_IN_METADATA = {"insightface": "MIT"}
"""Packages whose metadata name no licence; what their own README says."""

HEAD = """# Third-party parts

Netra itself is under the Apache License 2.0 (see [LICENSE](LICENSE)). It stands on the packages and models below. None
of them is in this repository: packages are installed by their client, models are made on your machine from registry
packages. `python scripts/third_party.py` writes this file from the installed packages' metadata and from
[models/manifest.toml](models/manifest.toml); a test fails when it is not current.
"""
WORTH_KNOWING = """## Worth knowing

* **LGPL.** psycopg is LGPL-3.0; the wheels of shapely (GEOS) and opencv-python-headless (FFmpeg) carry LGPL-2.1
  libraries. They are used unchanged, as shared libraries that can be replaced.
* **GCC's Fortran runtime** (GPL-3.0 with the runtime exception) lies in the wheels of numpy, scipy and OpenCV.
* **MPL.** certifi, tqdm, hypothesis and pathspec are wholly or partly MPL-2.0. They are used unchanged.
* **onnxruntime** (MIT) sends usage events to its maker by default on Linux. Netra switches that off before loading it.
* **insightface**: the library is MIT. Netra uses its format of face models and, in the demo only, the sample group
  photo that the package installs. Its own model packs are for non-commercial research; Netra does
  not need them, and fetches one only when a user asks for it and accepts that licence (`netra models fetch`).
* **rapidocr**: used for the two model files in its package; Netra reads pictures with code of its own.
"""


def render() -> str:
    """The whole document. Raises SystemExit naming a package that is missing or of another version."""
    parts = [HEAD, *(packages(name, title) for name, title in LISTS.items()), models(), WORTH_KNOWING]
    return "\n".join(parts)


def packages(name: str, title: str) -> str:
    """The table of one list of requirements."""
    rows = ["## " + title, "", f"`requirements/{name}.txt`", "", "| package | version | licence |", "|---|---|---|"]
    for package, version in requirements(name):
        rows.append(f"| {package} | {version} | {licence(installed(package, version))} |")
    return "\n".join([*rows, ""])


def requirements(name: str) -> list[tuple[str, str]]:
    """Names and versions of a list, in alphabetical order."""
    lines = (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return sorted(((package, version.strip()) for package, version in pinned), key=lambda pair: pair[0].lower())


def installed(package: str, version: str) -> Distribution:
    """The package as it is installed here."""
    try:
        found = distribution(package)
    except PackageNotFoundError:
        raise SystemExit(f"{package} is not installed; install every list in requirements/") from None
    if found.version != version:
        raise SystemExit(f"{package} {found.version} is installed, the list names {version}")
    return found


def licence(package: Distribution) -> str:
    """The licence that the metadata names: its expression, else its short text, else its classifiers."""
    about = package.metadata.json
    declared = [str(about.get(key, "")).strip() for key in ("license_expression", "license")]
    for text in declared:
        if text and len(text) <= SHORT and "\n" not in text:
            return SPDX.get(text, text)
    classifiers = [entry.split(" :: ")[-1] for entry in about.get("classifier", []) if entry.startswith("License ::")]
    names = [SPDX.get(entry, entry) for entry in classifiers]
    return " / ".join(names) or NOT_IN_METADATA.get(package.name) or stop(f"{package.name} names no licence")


def models() -> str:
    """The sources and models of the manifest."""
    manifest = tomllib.loads((REPOSITORY / "models" / "manifest.toml").read_text(encoding="utf-8"))
    rows = ["## Models", "", "| source package | version | registry | licence of the package |", "|---|---|---|---|"]
    rows += [
        f"| {source['package']} | {source['version']} | {registry(source)} | {source['licence']} |"
        for source in manifest["sources"].values()
    ]
    for name, pack in manifest["packs"].items():
        rows += ["", f"Pack `{name}`: {pack['title']}.", "", "| model | role | from | licence | trained on |"]
        rows.append("|---|---|---|---|---|")
        for model in pack["models"]:
            cells = (model["name"], model["role"], model["source"], model["licence"], model["training_data"])
            rows.append("| " + " | ".join(re.sub(r"\s+", " ", cell) for cell in cells) + " |")
    return "\n".join([*rows, ""])


def registry(source: dict[str, Any]) -> str:
    """Where a source comes from, in words."""
    return {"npm": "npm", "pypi": "PyPI", "installed": "PyPI (installed with Netra)"}[source["kind"]]


def stop(reason: str) -> str:
    """End with a reason."""
    raise SystemExit(reason)


if __name__ == "__main__":
    sys.exit(write_or_check(DOCUMENT, render, __doc__))
