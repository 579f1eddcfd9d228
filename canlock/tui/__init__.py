"""The live view: draws the last Snapshot."""
