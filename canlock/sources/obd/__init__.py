"""The one room that may send: read requests only, only when armed, never while the car moves.

Everything that goes out passes `gate.RequestGate`, and all of it is noted for the session file.
"""
