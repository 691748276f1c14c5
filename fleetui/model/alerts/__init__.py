"""Alerts as rules over plain values: what Prometheus and Alertmanager say, and what an operator may make of it."""
