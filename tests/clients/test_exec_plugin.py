"""Credential plugins: what they are told, what they may say, and how they are kept from holding anything up."""

import asyncio
import datetime as dt
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fleetui.clients.kube.connection import ExecSpec, Server
from fleetui.clients.kube.credentials import AT_ONCE, TURN_S, Plugins
from fleetui.clients.kube.exec_plugin import run_plugin
from fleetui.model.fault import ClusterError, Fault, FaultKind
from tests.clients.scripted import TurnedClock, credential, plugin

SERVER = Server(url="https://api:6443", ca_pem=b"-----BEGIN X", tls_server_name="k", exec_config='{"audience": "a"}')


async def _fault(spec: ExecSpec, *, timeout_s: float = 20.0) -> Fault:
    with pytest.raises(ClusterError) as raised:
        await run_plugin(spec, SERVER, timeout_s=timeout_s)
    assert raised.value.fault.kind is FaultKind.CREDENTIALS
    return raised.value.fault


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _iso(moment: float) -> str:
    return dt.datetime.fromtimestamp(moment, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_a_token_with_its_end(tmp_path: Path) -> None:
    answer = await run_plugin(plugin(tmp_path, credential("tok", expires="2030-01-01T00:00:00Z")), SERVER, timeout_s=20)
    assert answer.token == "tok"
    assert answer.expires == dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp()
    assert "tok" not in repr(answer)


async def test_what_the_plugin_is_told(tmp_path: Path) -> None:
    out = tmp_path / "told"
    script = f'echo "$KUBERNETES_EXEC_INFO" > {out}; echo "$MINE $1" >> {out}; cat >> {out}; {credential("t")}'
    spec = plugin(tmp_path, script, args=("arg",), env=(("MINE", "said"),), provide_cluster_info=True)
    await run_plugin(spec, SERVER, timeout_s=20)
    info, mine = out.read_text().splitlines()
    told = json.loads(info)
    assert (told["kind"], told["apiVersion"]) == ("ExecCredential", "client.authentication.k8s.io/v1")
    assert told["spec"]["interactive"] is False
    assert told["spec"]["cluster"] == {
        "server": "https://api:6443",
        "tls-server-name": "k",
        "certificate-authority-data": "LS0tLS1CRUdJTiBY",
        "config": {"audience": "a"},
    }
    assert mine == "said arg"


async def test_the_cluster_is_kept_from_plugins_that_do_not_ask(tmp_path: Path) -> None:
    out = tmp_path / "told"
    await run_plugin(plugin(tmp_path, f'echo "$KUBERNETES_EXEC_INFO" > {out}; {credential("t")}'), SERVER, timeout_s=20)
    assert json.loads(out.read_text())["spec"] == {"interactive": False}


@pytest.mark.parametrize(
    ("script", "word", "detail", "remedy"),
    [
        ("echo 'no session' >&2; exit 3", "exec failed", "exit 3: no session", "run it in a shell"),
        ("echo 'Token has expired. Run: aws sso login --profile prod' >&2; exit 255", "exec failed", "exit 255",
         "run: aws sso login --profile prod"),
        ("kill -9 $$", "exec failed", "signal 9", "run it in a shell"),
        ("echo hello", "exec failed", "not an ExecCredential", "run it in a shell"),
        (credential("t", version="v1beta1"), "exec failed", "asks for client.authentication.k8s.io/v1", "apiVersion"),
        (credential(""), "exec failed", "neither a token nor a certificate", "run it in a shell"),
        ("printf 'x\\033[31m\\nlast words' >&2; exit 1", "exec failed", "\ufffd[31m last words", "run it in a shell"),
    ],
)  # fmt: skip
async def test_failures_show_what_the_plugin_said(
    tmp_path: Path, script: str, word: str, detail: str, remedy: str
) -> None:
    fault = await _fault(plugin(tmp_path, script))
    assert fault.word == word
    assert detail in fault.detail
    assert remedy in fault.remedy


async def test_secrets_in_what_the_plugin_said_are_masked(tmp_path: Path) -> None:
    script = 'echo "password=$PW token: abcdefgh https://u:pw12@host" >&2; exit 1'
    fault = await _fault(plugin(tmp_path, script, env=(("PW", "hunter22"),), args=("--client-secret=shhhh1",)))
    shown = fault.detail + fault.remedy
    assert not [secret for secret in ("hunter22", "abcdefgh", "pw12", "shhhh1") if secret in shown]


async def test_a_plugin_that_is_not_there_says_how_to_get_it() -> None:
    fault = await _fault(ExecSpec(command="no-such-plugin", install_hint="brew install it"))
    assert (fault.word, fault.remedy) == ("plugin missing", "brew install it")


async def test_a_plugin_that_needs_a_person_is_not_even_started(tmp_path: Path) -> None:
    fault = await _fault(plugin(tmp_path, f"touch {tmp_path}/ran", interactive_mode="Always"))
    assert fault.word == "needs a person"
    assert not (tmp_path / "ran").exists()


async def test_a_plugin_that_waits_is_ended_with_all_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! > {pids}; echo $$ >> {pids}; wait"
    fault = await _fault(plugin(tmp_path, script), timeout_s=1.0)
    assert fault.word == "exec timed out"
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 2
    await _until(lambda: not any(map(_alive, started)))


async def test_a_plugin_that_talks_without_end_costs_no_memory(tmp_path: Path) -> None:
    fault = await _fault(plugin(tmp_path, "head -c 20000000 /dev/zero; exit 1"))
    assert "exit 1" in fault.detail


# -- sharing -----------------------------------------------------------------------------------------------------------


def _counting(tmp_path: Path, *, expires: str = "", then: str = "") -> tuple[ExecSpec, Path]:
    count = tmp_path / "count"
    return plugin(tmp_path, f"echo x >> {count}; {then or credential('tok', expires=expires)}"), count


def _runs(count: Path) -> int:
    return len(count.read_text().splitlines())


async def test_contexts_with_one_plugin_share_one_run(tmp_path: Path) -> None:
    spec, count = _counting(tmp_path)
    plugins = Plugins(TurnedClock())
    shared = [plugins.plugin(spec, Server(url=f"https://{n}")) for n in range(20)]
    answers = await asyncio.gather(*(one.answer() for one in shared))
    assert {answer.token for answer in answers} == {"tok"}
    assert _runs(count) == 1
    await plugins.close()


async def test_plugins_that_ask_for_the_cluster_run_for_each(tmp_path: Path) -> None:
    spec, count = _counting(tmp_path)
    asking = ExecSpec(command=spec.command, provide_cluster_info=True)
    plugins = Plugins(TurnedClock())
    await asyncio.gather(*(plugins.plugin(asking, Server(url=f"https://{n}")).answer() for n in range(3)))
    assert _runs(count) == 3
    await plugins.close()


async def test_only_a_few_run_at_once(tmp_path: Path) -> None:
    running, peak = tmp_path / "running", tmp_path / "peak"
    running.mkdir()
    script = f"touch {running}/$$; ls {running} | wc -l >> {peak}; sleep 0.05; rm {running}/$$; {credential('t')}"
    file = plugin(tmp_path, script).command
    plugins = Plugins(TurnedClock())
    many = [plugins.plugin(ExecSpec(command=file, args=(str(n),)), SERVER) for n in range(3 * AT_ONCE)]
    await asyncio.gather(*(one.answer() for one in many))
    assert 1 <= max(int(line) for line in peak.read_text().split()) <= AT_ONCE
    await plugins.close()


async def test_an_answer_is_renewed_shortly_before_its_end(tmp_path: Path) -> None:
    clock = TurnedClock()
    spec, count = _counting(tmp_path, expires=_iso(clock.now() + 3600))
    plugins = Plugins(clock)
    one = plugins.plugin(spec, SERVER)
    await one.answer()
    clock.ahead = 3600 - 90
    await one.answer()
    assert _runs(count) == 1
    clock.ahead = 3600 - 30
    await one.answer()
    await _until(lambda: _runs(count) == 2)
    await plugins.close()


async def test_nobody_waits_for_an_early_renewal(tmp_path: Path) -> None:
    clock = TurnedClock()
    flag = tmp_path / "hang"
    spec, count = _counting(
        tmp_path, then=f"[ -e {flag} ] && exec sleep 60; {credential('tok', expires=_iso(clock.now() + 3600))}"
    )
    plugins = Plugins(clock)
    one = plugins.plugin(spec, SERVER)
    await one.answer()
    flag.touch()
    clock.ahead = 3600 - 30
    async with asyncio.timeout(5):
        assert (await one.answer()).token == "tok"
    await _until(lambda: _runs(count) == 2)
    assert one.held_up is None
    await plugins.close()


async def test_plugins_that_hang_keep_no_other_from_its_login(tmp_path: Path) -> None:
    hung, good = plugin(tmp_path, "exec sleep 60").command, tmp_path / "good"
    good.mkdir()
    plugins = Plugins(TurnedClock())
    waiting = [
        asyncio.create_task(plugins.plugin(ExecSpec(command=hung, args=(str(n),)), SERVER).answer())
        for n in range(AT_ONCE)
    ]
    async with asyncio.timeout(TURN_S + 10):
        await asyncio.sleep(0)  # let them take every place first
        assert (await plugins.plugin(plugin(good, credential("tok")), SERVER).answer()).token == "tok"
    assert not any(task.done() for task in waiting)
    await plugins.close()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_a_plugin_says_is_known_while_it_waits(tmp_path: Path) -> None:
    plugins = Plugins(TurnedClock())
    one = plugins.plugin(plugin(tmp_path, "echo 'run: aws sso login --profile prod' >&2; exec sleep 60"), SERVER)
    assert one.held_up is None
    waiting = asyncio.create_task(one.answer())
    await _until(lambda: one.held_up is not None and "aws sso" in one.held_up.detail)
    assert one.held_up is not None
    assert (one.held_up.word, one.held_up.remedy) == ("waits for exec", "run: aws sso login --profile prod")
    await plugins.close()
    await asyncio.gather(waiting, return_exceptions=True)
    assert one.held_up is None


async def test_an_early_renewal_that_fails_leaves_the_answer_until_its_end(tmp_path: Path) -> None:
    clock = TurnedClock()
    flag = tmp_path / "fail"
    spec, _ = _counting(
        tmp_path, then=f"[ -e {flag} ] && exit 1; {credential('tok', expires=_iso(clock.now() + 3600))}"
    )
    plugins = Plugins(clock)
    one = plugins.plugin(spec, SERVER)
    await one.answer()
    flag.touch()
    clock.ahead = 3600 - 30
    assert (await one.answer()).token == "tok"
    clock.ahead = 3600 + 30
    with pytest.raises(ClusterError):
        await one.answer()
    await plugins.close()


async def test_a_failure_stands_for_all_for_a_few_seconds(tmp_path: Path) -> None:
    clock = TurnedClock()
    spec, count = _counting(tmp_path, then="exit 1")
    plugins = Plugins(clock)
    one = plugins.plugin(spec, SERVER)
    for _ in range(3):
        with pytest.raises(ClusterError):
            await one.answer()
    assert _runs(count) == 1
    clock.ahead += 6
    with pytest.raises(ClusterError):
        await one.answer()
    assert _runs(count) == 2
    await plugins.close()


async def test_a_caller_that_gives_up_does_not_take_the_others_along(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    spec, count = _counting(tmp_path, then=f"cat {gate} > /dev/null; {credential('tok')}")
    plugins = Plugins(TurnedClock())
    one = plugins.plugin(spec, SERVER)
    impatient, patient = asyncio.create_task(one.answer()), asyncio.create_task(one.answer())
    await _until(count.exists)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    await asyncio.to_thread(gate.write_text, "go")
    assert (await patient).token == "tok"
    assert _runs(count) == 1
    await plugins.close()


async def test_closing_ends_what_still_runs(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    plugins = Plugins(TurnedClock())
    waiting = asyncio.create_task(plugins.plugin(plugin(tmp_path, f"echo $$ > {pid}; exec sleep 60"), SERVER).answer())
    await _until(lambda: pid.exists() and bool(pid.read_text()))
    await plugins.close()
    assert not _alive(int(pid.read_text()))
    with pytest.raises(asyncio.CancelledError):
        await waiting
