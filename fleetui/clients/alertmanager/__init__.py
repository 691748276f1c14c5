"""Alertmanager's API, version 2, over aiohttp: alerts and silences out, silences in."""
