"""Benchmarks: fleetui beside its peers on the same data, in one run (docs/benchmarks.md)."""
