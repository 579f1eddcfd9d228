"""Fitting the likelihoods on simulated cars of the fitting worlds.

`python -m canlock.evaluation.fitting canlock/diagnosis/likelihoods.toml` makes the file again.
"""
