"""A car with faults put in."""
