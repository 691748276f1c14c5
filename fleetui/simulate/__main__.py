"""``python -m fleetui.simulate --seed N --speed X --dir D [--parent-pid P]``: the demo's fleet as a process of its own.

Listens on 127.0.0.1 only, prints one line when it is ready, ends with its parent, removes what it wrote.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fleetui.simulate.demo import demo_fleet, weather
from fleetui.simulate.demo_racks import demo_layout
from fleetui.simulate.etcd_demo import DemoEtcds
from fleetui.simulate.fleet import Fleet
from fleetui.simulate.handout import write
from fleetui.simulate.machine_clock import MachineClock
from fleetui.simulate.prometheus_demo import DemoMonitoring
from fleetui.simulate.wire import WireFleet

PARENT_CHECK_S = 0.25


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parse(argv)
    try:
        asyncio.run(_run(arguments))
    finally:
        if arguments.scratch:
            shutil.rmtree(arguments.dir, ignore_errors=True)
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fleetui.simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed tells the same story")
    parser.add_argument("--speed", type=_speed, default=1.0, help="of simulated life; timestamps stay real")
    parser.add_argument("--dir", type=Path, required=True, help="where kubeconfig and config.yaml are written")
    parser.add_argument("--parent-pid", type=int, default=0, help="ends when this process does")
    parser.add_argument("--scratch", action="store_true", help="the directory is ours: remove all of it at the end")
    return parser.parse_args(argv)


def _speed(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise ValueError(text)
    return value


async def _run(arguments: argparse.Namespace) -> None:
    arguments.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock = MachineClock()
    fleet = demo_fleet(seed=arguments.seed, speed=arguments.speed, clock=clock)
    wire, etcds = WireFleet(fleet), DemoEtcds(seed=arguments.seed, clock=clock)
    monitoring = DemoMonitoring(fleet, etcds, seed=arguments.seed, clock=clock)
    ended = _ended_by_signal()
    with _dead_address() as dead:
        await wire.start()
        await etcds.start()
        await monitoring.start()
        files = _hand_out(arguments.dir, fleet, _Served(wire, etcds, monitoring), dead)
        try:
            print(f"ready: {len(fleet.members)} clusters on https://127.0.0.1:{wire.port}", flush=True)
            storms = asyncio.create_task(weather(fleet, speed=arguments.speed, clock=clock))
            parent = asyncio.create_task(_until_orphaned(arguments.parent_pid))
            await asyncio.wait((asyncio.create_task(ended.wait()), parent), return_when=asyncio.FIRST_COMPLETED)
            storms.cancel()
        finally:
            for file in files:
                file.unlink(missing_ok=True)
            await monitoring.stop()
            await etcds.stop()
            await wire.stop()


@dataclass(frozen=True, slots=True)
class _Served:
    """What listens."""

    wire: WireFleet
    etcds: DemoEtcds
    monitoring: DemoMonitoring


def _hand_out(directory: Path, fleet: Fleet, served: _Served, dead: str) -> tuple[Path, ...]:
    members = fleet.by_name

    def url(name: str) -> str:
        return served.wire.url(name) if members[name].listening else dead

    return write(
        directory,
        fleet,
        url=url,
        authority=served.wire.certificate_authority,
        etcd=served.etcds.endpoints,
        monitoring=served.monitoring.settings(),
        racks=demo_layout(),
    )


@contextmanager
def _dead_address() -> Iterator[str]:
    """A URL where nothing listens as long as the block lasts: the port is taken, and never opened."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"https://127.0.0.1:{taken.getsockname()[1]}"


def _ended_by_signal() -> asyncio.Event:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended


async def _until_orphaned(parent: int) -> None:
    """A parent that is killed cannot say goodbye; its absence is looked for."""
    if not parent:
        await asyncio.Event().wait()
    is_ours = os.getppid() == parent
    while True:
        orphaned = os.getppid() != parent if is_ours else not _alive(parent)
        if orphaned:
            return
        await asyncio.sleep(PARENT_CHECK_S)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    raise SystemExit(main())
