"""From a source to a Snapshot: the same steps for a file, a live bus and the simulator."""
