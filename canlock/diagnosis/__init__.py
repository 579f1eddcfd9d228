"""From operations to a verdict with its reasons: pure."""
