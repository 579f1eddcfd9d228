"""From role samples, gaps and marks to operations: pure."""
