"""How well the models do on labelled photos: pure measuring, used by `netra evaluate` and `netra calibrate`."""
