"""From frames to roles: the only door to cantools and vehicle files."""
