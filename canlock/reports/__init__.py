"""Writes a Snapshot out: text, JSON."""
