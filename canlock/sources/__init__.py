"""Where frames come from and go to: the only door to python-can and log formats."""
