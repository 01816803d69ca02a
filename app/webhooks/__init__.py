"""Telling other systems: signed messages about public events, in order, at least once."""
