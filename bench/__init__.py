"""The benchmark: how fast this is beside its peers and its limits. See docs/benchmark.md."""
