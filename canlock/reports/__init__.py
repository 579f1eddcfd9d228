"""Writes a Snapshot out: text, JSON, a page to print, Markdown."""
