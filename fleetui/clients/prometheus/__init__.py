"""Prometheus and what speaks its API. Two carriers for queries, one behaviour: aiohttp of our own for many small
servers, prometheus-api-client in threads for the stores that clusters share; everything else goes over aiohttp."""
