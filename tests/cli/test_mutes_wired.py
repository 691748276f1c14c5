"""Where a controller mutes maintenance, as the configuration file says it."""

import asyncio
import time
from pathlib import Path

from aiohttp import web

from fleetui.clients.paths import paths_under
from fleetui.control.timing import Timing
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.silence import Draft
from fleetui.ports.ended import Ended
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session
from tests.clients.scripted_alertmanager import alertmanager

CONFIG = "alertmanagers:\n  hung: {{url: {hung}, timeout: 60s}}\n  healthy: {{url: {healthy}, timeout: 60s}}\n"


async def test_one_that_hangs_leaves_an_operation_time_to_mute_at_the_others(tmp_path: Path) -> None:
    never = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.StreamResponse | None:
        await never.wait()
        return None

    async with alertmanager() as (hung, hung_server), alertmanager() as (_, server):
        hung.trouble = hang
        paths = paths_under(tmp_path)
        paths.config_file.parent.mkdir(parents=True, exist_ok=True)
        paths.config_file.write_text(CONFIG.format(hung=hung_server.url, healthy=server.url))
        mutes = await Clusters(Session(paths=paths)).mutes()
        assert mutes is not None
        matchers = Matcher("alertname", "KubeNodeUnschedulable"), Matcher("cluster", "eu-1")
        draft = Draft(matchers, time.time(), time.time() + 60, "ana", "why")
        try:
            async with asyncio.timeout(Timing().mute_ask_s):
                (outcome,) = await mutes.alerting.post(draft, near=("healthy",))
        finally:
            never.set()
            await mutes.alerting.close()
    assert (outcome.ended, outcome.source) == (Ended.DONE, "healthy")
