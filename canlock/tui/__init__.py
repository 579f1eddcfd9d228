"""The live view: draws the last Snapshot."""

import os

# Textual draws so many times a second at most, and reads this as it is imported; its own 60 make a
# key wait up to 17 ms for the next turn. Who has set it keeps it.
os.environ.setdefault("TEXTUAL_FPS", "120")
