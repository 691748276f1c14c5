"""What Prometheus' and Alertmanager's clients share: where a server is and who asks it, its breaker, what breaks on the
way to it."""
