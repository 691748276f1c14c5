"""Maintenance silences: a machine's own alerts of one cluster, known again by their comment."""

import msgspec

from fleetui.model.alerts.breadth import refusals
from fleetui.model.alerts.label_set import USUAL, label_set
from fleetui.model.alerts.maintenance import VIEWS, Muted, mutes_now, pages_muted_now, standing
from fleetui.model.alerts.silence import Silence, SilenceState
from tests.model.alerts.samples import NOW, posted

MUTED = Muted(kind="drain", op="01J", by="ana@jump-1", cluster="eu-1", machine="wk-1.eu", reason=" new disks ")
DRAFTS = MUTED.drafts(USUAL, now=NOW)
FIRES = {"alertname": "KubeNodeUnschedulable", "cluster": "eu-1"}


def made(view: str, **changed: object) -> Silence:
    draft = DRAFTS[view]
    silence = Silence("s", draft.matchers, draft.starts_at, draft.ends_at, draft.created_by, draft.comment)
    return msgspec.structs.replace(silence, **changed)


def test_there_is_one_for_each_way_in_which_alerts_name_a_machine_and_each_names_the_cluster() -> None:
    assert {*DRAFTS, "etcd"} == {*VIEWS}
    for draft in DRAFTS.values():
        assert {(it.name, it.value) for it in draft.matchers if it.name == "cluster"} == {("cluster", "eu-1")}
        assert draft.ends_at - draft.starts_at <= 600
        assert refusals(draft, now=NOW, clusters=("eu-1", "eu-2")) == (), "as narrow as an operator's has to be"
    assert DRAFTS["node"].comment == "maintenance: drain wk-1.eu (node), operation 01J: new disks"


def test_work_on_etcd_mutes_what_it_causes_in_its_cluster_and_never_a_lost_quorum() -> None:
    muted = msgspec.structs.replace(MUTED, kind="etcd-defragment", machine="etcd")
    drafts = muted.drafts(USUAL, now=NOW)
    assert [refusals(draft, now=NOW, clusters=("eu-1",)) for draft in drafts.values()] == [()]
    names = ("etcdHighFsyncDurations", "FleetEtcdChanges", "etcdNoLeader", "FleetEtcdQuorumLost", "FleetEtcdOfQuota")
    alerts = [posted(label_set({"alertname": name, "cluster": "eu-1"}), fingerprint=name) for name in names]
    assert mutes_now(drafts.values(), alerts) == ("FleetEtcdChanges", "etcdHighFsyncDurations")


def test_what_would_be_muted_now_is_named_once_for_each_alert() -> None:
    alerts = [
        posted(label_set({**FIRES, "node": "wk-1.eu"}), fingerprint="a"),
        posted(label_set({**FIRES, "node": "wk-1.eu"}), fingerprint="a"),
        posted(label_set({**FIRES, "instance": "wk-1.eu:9100"}), fingerprint="b"),
        posted(label_set({**FIRES, "instance": "wk-1xeu:9100"}), fingerprint="c"),
        posted(label_set({**FIRES, "node": "wk-1.eu", "alertname": "KubeAPIDown"}), fingerprint="d"),
        posted(label_set({**FIRES, "node": "wk-1.eu", "cluster": "eu-2"}), fingerprint="e"),
        posted(label_set(FIRES), fingerprint="f"),
    ]
    assert mutes_now(DRAFTS.values(), alerts) == ("KubeNodeUnschedulable", "KubeNodeUnschedulable")


def test_only_its_own_that_is_not_over_is_known_again() -> None:
    there = [
        made("node"),
        made("node", state=SilenceState.PENDING),
        made("node", state=SilenceState.EXPIRED),
        made("instance"),
        made("node", comment="ACK! wk-1.eu (node), operation 01J"),
        made("node", comment=made("node").comment.replace("01J", "01K")),
        made("node", comment=made("node").comment.replace("wk-1.eu", "wk-1")),
    ]
    assert standing(there, op="01J", machine="wk-1.eu", view="node") == (*there[:2],)


def test_what_pages_now_and_would_be_muted_is_named() -> None:
    alerts = [
        posted(label_set({**FIRES, "node": "wk-1.eu", "severity": severity}), fingerprint=severity)
        for severity in ("critical", "warning")
    ]
    assert pages_muted_now(DRAFTS.values(), alerts) == ("KubeNodeUnschedulable",)
    assert pages_muted_now(DRAFTS.values(), alerts[1:]) == ()
