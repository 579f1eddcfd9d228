"""Scores the diagnosis against the simulator."""
