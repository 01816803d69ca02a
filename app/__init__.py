"""Netra: screening of social-media posts for indications of partisanship by civil servants in Indonesian elections."""

__version__ = "0.1.0"
