"""Real servers on loopback: what the tests and the benchmarks run against."""
