"""Health as values and rules: what was sampled, how far it can be trusted, and what it comes to."""
