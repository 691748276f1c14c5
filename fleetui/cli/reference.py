"""``docs/output.md``: what every column and every JSON field of ``fleetui get`` means, from the tables themselves.

``python -m fleetui.cli.reference > docs/output.md`` writes it; a test holds the two equal.
"""

from collections.abc import Iterator

from fleetui.cli.tables import WORDS, table_of

_HEAD = """# What `fleetui get` prints

`fleetui get clusters|machines|pods|ops|etcd|replication|controlplane|slo|executive|oncall|debug|coverage|alerts|racks|
devices|feeds|places [FILTER...] [-o table|wide|json|yaml|csv|name] [--watch]`. JSON and YAML are a list of objects, CSV
has one column for each field, `name` is a bare name a line; times are RFC 3339 in UTC, what is unknown is `null` (`?`
in tables, empty in CSV).

**Which rows.** Filters name columns by their id: `status=NotReady`, `age>2h`, `version<1.35`, `@prod-*`, `!cordoned`,
`-l rack=A`, `name~^wk-`, `"a word"`. What is not known of a row neither matches nor fails to match; such rows are left
out and counted. A plain word is looked for anywhere in the row, but for the words of a table, which ask for a state
(`drained`), and for patterns of the whole name (`wk-*`); `machine/wk-1` is the one of exactly that name, and not to
find it is status 1. `--context PATTERN` asks those clusters alone and lists no others.

**Order.** Clusters as on the screen: the worst first, then by name. Operations: what has not ended, then the rest, each
the newest first. Alerts: what is hushed below the rest, pages first, then what fires, then the oldest. Machines and
pods: by cluster, then as the server lists them. `--sort COLUMN` (or `--sort-by`) orders any of them, `--sort -COLUMN`
the other way round, `--sort trouble` by health.

**Width.** On a terminal a table that is too wide is fitted to it, as a screen is: the less important columns are left
out, then the longest texts are cut (`…`). In a pipe, and with `-o wide`, nothing is left out and nothing is cut.

**Waiting.** Every cluster has its own time (`--timeout`, 10 seconds). A terminal is told after a second which ones are
waited for; a filter that names clusters (`@prod-*`) waits for those alone.

**Monitoring.** `get clusters` asks the boards that the configuration has sources for (etcd, alerts, slo, controlplane,
replication) in every format, for up to 4 seconds more, and with `--watch` goes on to ask them: the verdict is the worst
of what anybody says: a page that nothing hushes, an etcd without quorum or space, a budget that burns. `-o name`, which
says no verdict, asks them only where a filter or an order names them (`pages>0`, `health=broken`, `--sort -tickets`).
`reasons` of the JSON tells all of it with the board; a page that is acknowledged or silenced is `busy`, not calm.

**Alerts** come from the Alertmanagers and the rules of the metrics sources that the configuration names, and from no
cluster. What is wrong with their pipeline (a source that does not answer, a Watchdog that is late) is told on standard
error, each trouble with its remedy; an empty list proves something only when nothing is.

**Acks.** `fleetui ack FILTER --comment WHY` is a short silence (15 minutes, `--for`) on exactly what fires, and ends by
itself. While its alert fires it is prolonged by every console of the same login that has looked at `:alerts` (never by
one with `--readonly`), or by `--hold`, which stays until the alert has resolved, somebody else has decided, or Ctrl-C;
never beyond twelve hours.

**Replication** comes from the metrics sources as well, and from no cluster: instances of every kind that ships or that
a file in `kinds/` beside the configuration declares, as far as a source has metrics of it. A lag is told of what
receives alone: where the link is broken or nobody knows, `lagSeconds` is `null`, whatever its exporter says.

**Control planes and service levels** are judged from the metrics sources, with a row for each cluster of the
kubeconfig: what no source knows is unknown, with the reason, and status 1. A budget is that of 30 days; `slo:` in the
configuration says what is promised to which tier, and when somebody is called. `executive`, `oncall` and `debug` have
one row a panel, over all clusters. `fleetui export grafana oncall -o oncall.json` writes the same panels as a
dashboard; so it does for `controlplane`, `etcd`, `slo` and `replication` (a row a kind).
`coverage` says which cluster has metrics for which board, and what to do where it has none.

**Charts.** `fleetui chart BOARD/PANEL` draws one figure over time: a panel of `controlplane`, `etcd`, `executive`,
`oncall` or `debug`, a promise of `slo`, `replication/KIND:FIGURE` (`:lag`, `:backlog`, or a figure of the kind), or
`alerts/NAME`: what the rule of an alert compares, beside its threshold, whether it fires or not. A wrong name is
answered with those there are. `--cluster NAME` (again for each) names whose; without it all clusters are
asked, and a board of the whole fleet is one line. `--since 6h` says how far back (1h). `-o text` fits the terminal
(`--size COLUMNSxROWS`), `-o svg` is a picture, `-o json` has every value: `moments` in UTC and for each of `curves` as
many `values`. A moment without a sample is `null` there and a gap in the picture, never 0 and never a line across.
Rates look back over a whole step, so that nothing between two moments is left out. Status 1: there is nothing to draw
(`why`), or a source did not answer (`faults`), or in part.

**Rules and routes.** `fleetui export rules -o FILE.yaml` writes what Prometheus has to evaluate so that people are
called by the boards' own queries, limits and promises (`--format prometheusrule`: for prometheus-operator). Each alert
has `severity` (critical is a page, warning a ticket), `error_type`, `owner` (`--owner TEAM`, `--owner capacity=TEAM`),
`slo`, a summary and a `runbook` (`--runbooks URL` adds `runbook_url`); burn rates follow `slo:` of the configuration,
its policy and its targets by tier. Windows of more than 2 hours are made of what the short ones recorded, and begin
once the rules have been evaluated for as long. The boards read the recorded series where all clusters of a store have
them. `fleetui export routes -o FILE.yaml` writes Alertmanager's configuration for these alerts and everybody else's:
pages and tickets to receivers of those names (`--page-webhook URL` and its like; without one it is written empty, and
said), grouped by cluster and error type, tickets hidden behind the page of the same cluster and type, trouble of
machines behind that of their cluster, the Watchdog to `dead-mans-switch` each minute.

**Racks, devices, feeds and places** (sites, rooms, rows) come from the file or the directory that `racks:` of the
configuration names (docs/racks.md), and from no cluster; they are read once, so `--watch` is refused. Sums are of one
figure of power, `racks.draw`, which `basis` repeats; a sum of which a part is not known is `?`, with `>` and what is
known of it where that is too much already. `failover` is of the fullest feed with every feed of the other path lost:
what two feeds can give is never added up. Findings are an answer, not a failure: `STATE` counts the worst, JSON has
each with its code, line and fix, and `fleetui check-config` prints them all and returns 1 where one is an error.

**Watching.** `--watch` prints the rows and then each change, in one shape from the first line on: JSON is one object a
line, CSV one row, YAML one document, and each begins with `event`: `added` (the rows of the beginning, and new ones),
`changed`, `removed` (gone, or let through no more by the filter; as last known). A sign of life alone (`lastContact`,
`apiLatencySeconds`, `podsAt`, `confirmedAt`, `figures`) is no change. A table keeps the columns of its beginning and
prints the new state of each row that changes; what is gone it cannot take back.

| status | what it says |
|---|---|
| 0 | every cluster or source that was asked has answered; of alerts: and nothing shows that their pipeline is dead |
| 1 | one has not, or not everything (a line on standard error says which, why, and what to do); the rest is printed |
| 2 | the question makes no sense; one line says why, and nobody was asked |
| 130 | interrupted with Ctrl-C |
| 141 | whoever read the output has left , such as `head -1` |

**Incidents.** `fleetui incident start|note|tick|show|list|close|export` is a record of your own, kept in the state
directory: it changes no cluster, and `--readonly` allows it. `start` takes a title and either a filter of alerts
(`@prod-1 call=page`) or `--cluster`; the other words take an id, of which the end is enough. `export` writes a new
file or directory and never over one: a bundle (timeline, post-mortem, clusters, alerts, operations with their audit,
and what was taken out), a post-mortem to finish, or JSON; secrets are taken out of all three, addresses with
`--no-addresses`. What could not be read or heard stands in it as unknown.

| status of `incident` | what it says |
|---|---|
| 0 | done |
| 1 | nothing that is asked for fires: no incident was begun |
| 2 | it makes no sense, the incident is not known, or the journal or the file cannot be written; one line says why |

**Topologies.** `fleetui plan topology FILE [-o text|json|DIRECTORY]` plans clusters from requirements (docs/planner.md)
and asks no cluster. JSON has `possible`, and then `plan` (`clusters`, `machines`, `racks`, `decisions`, `losses`,
`spare`) or `conflict` (each `rule` with its `evidence` and how to `mend` it).

| status of `plan topology` | what it says |
|---|---|
| 0 | a plan, which breaks no hard rule |
| 1 | no plan is possible; the rules that cannot be kept at once are printed |
| 2 | the file is wrong or cannot be read, the directory is there already, or nothing was proved in reasonable time |

**Check.** `fleetui check [clusters|etcd|alerts] [FILTER...]` prints one line for cron, Nagios and their like, with
performance data after `|`: `CLUSTERS CRITICAL - 20 clusters: 1 critical: edge-2 (refused) | ok=19;;;0;20 ...`.
Clusters and etcd have the verdict of their screens: broken is critical, warning is a warning, busy and calm are ok.
Clusters are asked with all boards of the configuration, as on the Fleet screen: a budget that burns at page level there
is critical here.
Alerts: a page that nobody is at is critical, such a ticket a warning. Unknown is never ok: a cluster that has not
answered, a source of monitoring that has not answered about it in time, an etcd that nobody could ask or whose disk
nobody could measure (two samples of its members' metrics, two
seconds apart, or a source of metrics), a pipeline of alerts that is late or dead. What is known to be wrong outweighs
what is not known; the line tells of both. Clusters that have no way to their etcd configured are not checked, and
counted.

| status of `check` | what it says |
|---|---|
| 0 | OK: all that was asked is known, and well |
| 1 | WARNING |
| 2 | CRITICAL; here it is not the mistake on the command line that it is everywhere else |
| 3 | UNKNOWN: not everything is known, nothing is there to check, or the question makes no sense |
"""


def pages() -> Iterator[str]:
    """The document, a line at a time."""
    yield _HEAD
    for word in WORDS:
        table = table_of(word)
        yield f"## {word}\n"
        yield "| column | id | what it says | |"
        yield "|---|---|---|---|"
        for column in table.columns:
            yield f"| {column.title} | `{column.id}` | {column.doc} | {'`-o wide`' if column.wide else ''} |"
        yield ""
        if table.words:
            yield "| word of the filter | what it asks |"
            yield "|---|---|"
            for name, state in table.words.items():
                yield f"| `{name}` | {state.doc} |"
            yield ""
        yield "| JSON field | what it says |"
        yield "|---|---|"
        for field in table.fields:
            yield f"| `{field.name}` | {field.doc} |"
        yield ""


if __name__ == "__main__":
    print("\n".join(pages()).rstrip())
