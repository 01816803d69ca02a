"""Netra: screening of social-media posts for indications of partisanship by civil servants in Indonesian elections."""

import os

__version__ = "0.1.0"

# onnxruntime's Linux builds report their use to their maker, unless this is set before they are imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
