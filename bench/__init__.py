"""Benchmarks: whole commands beside their peers, in one interleaved run."""
