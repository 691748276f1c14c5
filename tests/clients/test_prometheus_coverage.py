"""The coverage matrix's questions, asked of a real Prometheus."""

from collections.abc import Iterator

import pytest

from fleetui.model.health.coverage import QUERIES, Cover, Heard, coverage, unlabelled
from fleetui.model.health.promql import Scope
from tests.bed.ports import Port
from tests.bed.prometheus import Job, Prometheus
from tests.bed.synthetic import SyntheticFleet
from tests.clients.sources import source

pytestmark = pytest.mark.bed


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    """Five clusters with etcd and API servers; a node exporter of one that does not answer; a job without a cluster."""
    nobody = Port()
    dead = f"127.0.0.1:{nobody.number}"
    jobs = [Job("node-exporter", {dead: {"cluster": "c000"}}), Job("stray", {f"localhost:{nobody.number}": {}})]
    with SyntheticFleet(5) as fleet, Prometheus([fleet.job, *jobs]) as made:
        made.until_value("count(etcd_server_has_leader)", 15)
        made.until_value('up{job="node-exporter"}', 0)
        made.until_value('up{job="stray"}', 0)
        yield made
    nobody.release()


async def test_the_matrix_of_five_clusters(prometheus: Prometheus) -> None:
    async with source(prometheus.url) as asked:
        replies = {query.id: await asked.instant(Scope().fill(query)) for query in QUERIES}
    heard = Heard("s", replies)
    rows = {row.cluster: row for row in coverage([heard], ["c000", "c004", "unheard"])}
    assert sorted(rows) == ["c000", "c001", "c002", "c003", "c004", "unheard"]
    for name in ("c000", "c004"):
        assert (rows[name].cell("etcd").cover, rows[name].cell("apiserver").cover) == (Cover.SCRAPED, Cover.SCRAPED)
    assert (rows["c000"].cell("node").cover, rows["c004"].cell("node").cover) == (Cover.DOWN, Cover.MISSING)
    assert {cell.cover for cell in rows["unheard"].cells} == {Cover.SILENT}
    assert "stray" in unlabelled([heard])
