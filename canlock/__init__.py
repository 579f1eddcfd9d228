"""canlock: which link of a car's door locking chain broke, told from its CAN bus."""

__version__ = "0.1.0"
