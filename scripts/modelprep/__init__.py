"""Makes the ONNX files of a model pack from files of registry packages; only scripts/prepare_models.py needs it."""
