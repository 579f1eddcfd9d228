"""From operations, attempts and marks to observations: one module a subject.

The rule throughout: an absence is observed only where the presence would have been seen.
"""
