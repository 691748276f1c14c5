"""Rules and routes for Prometheus and Alertmanager, made of the same panels and promises that the boards show."""
