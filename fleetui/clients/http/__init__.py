"""HTTP as every client speaks it: sessions, lookups, proxies, TLS and its verdicts, whole answers, harmless faults."""
