"""Status changes at a steady rate, and an end that comes by itself: `python -m bench.storm KUBECONFIG --rate 300`.

Run as a process of its own, so that making the storm does not slow the probe that measures under it.
"""

import argparse
import asyncio
import base64
import itertools
import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.bed import fill, objects

Object = dict[str, Any]
Change = tuple[str, Object]  # (path of the status, merge patch)
CONNECTIONS = 16
_FIRST_MACHINE = 100  # the first screenfuls stay as they are: what a storm changes there would be measured as painting


def changes(*, nodes: int, pods: int) -> Iterator[Change]:
    """Endless: one machine's condition to nine pods' restarts, each object in its turn."""
    for turn in itertools.count():
        if turn % 10 == 0:
            yield machine_change(_FIRST_MACHINE + turn // 10 % (nodes - _FIRST_MACHINE), turn)
        else:
            yield pod_change(turn * 7 % pods, restarts=turn % 100, nodes=nodes)


def machine_change(number: int, turn: int) -> Change:
    """The machine turns NotReady and Ready by turns."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    ready = turn // 10 % 2 == 1
    return f"{objects.NODES}/{fill.node_name(number)}/status", {
        "status": {"conditions": objects.node_conditions(ready=ready, at=at)}
    }


def pod_change(number: int, *, restarts: int, nodes: int) -> Change:
    """The pod's container has restarted so often."""
    namespace, name = fill.pod_place(number, nodes=nodes)
    status = fill.running(number)
    status["containerStatuses"][0]["restartCount"] = restarts
    return f"{objects.pods_in(namespace)}/{name}/status", {"status": {"containerStatuses": status["containerStatuses"]}}


class Sender:
    """PATCHes over kept connections, as the user that the audit log does not tell of."""

    def __init__(self, kubeconfig: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text())
        cluster = content["clusters"][0]["cluster"]
        self._server = cluster["server"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._context = ssl.create_default_context(cadata=authority)

    async def storm(self, source: Iterator[Change], *, rate: float, seconds: float) -> int:
        """Send `rate` changes a second for `seconds`; returns how many arrived. Falls behind rather than bursts."""
        connector = aiohttp.TCPConnector(ssl=self._context, limit=CONNECTIONS)
        headers = {"Authorization": "Bearer tok-filler", "Content-Type": "application/merge-patch+json"}
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession(self._server, connector=connector, headers=headers) as session:
            started, arrived = loop.time(), 0
            ticks = iter(range(int(rate * seconds)))

            async def worker() -> None:
                nonlocal arrived
                for tick in ticks:
                    await asyncio.sleep(max(0.0, started + tick / rate - loop.time()))
                    if loop.time() - started > seconds:
                        return
                    path, patch = next(source)
                    async with session.patch(path, data=json.dumps(patch)) as answer:
                        arrived += answer.status < 400
                        await answer.read()

            await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
        return arrived


def main() -> None:
    """Storm and print what arrived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("--rate", type=float, default=300, help="changes a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--nodes", type=int, default=5_000)
    parser.add_argument("--pods", type=int, default=20_000)
    parser.add_argument("--pod", type=int, help="change this one pod only")
    options = parser.parse_args()
    source = changes(nodes=options.nodes, pods=options.pods)
    if options.pod is not None:
        source = (pod_change(options.pod, restarts=turn % 9, nodes=options.nodes) for turn in itertools.count())
    sender = Sender(options.kubeconfig)
    arrived = asyncio.run(sender.storm(source, rate=options.rate, seconds=options.seconds))
    print(f"{arrived} changes in {options.seconds:g} s: {arrived / options.seconds:.0f} a second")


if __name__ == "__main__":
    main()
