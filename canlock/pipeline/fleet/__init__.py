"""Many captures: the same analysis for each, in this process, in several, or on a Dask cluster.

`inputs` finds the captures, `work` is what one of them takes, `processes` and `cluster` say where
that happens, `outcome` is what comes back.
"""
