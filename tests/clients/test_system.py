"""This machine and this login as the rest of the program sees them."""

import os
import pwd
import socket
import time
from pathlib import Path

import pytest

from fleetui.clients.login import login_facts
from fleetui.clients.system import SystemChance, SystemClock, UlidIds, login_actor

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="CLOCK_BOOTTIME is Linux's")
def test_the_clock_of_locks_and_ages_goes_on_while_the_machine_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = {time.CLOCK_MONOTONIC: 100.0, time.CLOCK_BOOTTIME: 230.0}
    monkeypatch.setattr(time, "clock_gettime", readings.__getitem__)
    monkeypatch.setattr(time, "monotonic", lambda: readings[time.CLOCK_MONOTONIC])
    assert SystemClock().monotonic() == 230.0


def test_ids_are_ulids() -> None:
    """The example of the ULID specification (github.com/ulid/spec): 1469918176385 ms is 01ARYZ6S41."""
    ids = UlidIds(now=lambda: 1469918176.385, random_bits=lambda bits: (1 << bits) - 2)
    first = ids.new()
    assert first == "01ARYZ6S41ZZZZZZZZZZZZZZZY"
    assert ids.new() == "01ARYZ6S41ZZZZZZZZZZZZZZZZ"


def test_ids_sort_in_the_order_they_were_made_whatever_the_clock_does() -> None:
    times = iter((5.0, 5.0, 4.0, 4.5, 6.0, 5.9))
    ids = UlidIds(now=lambda: next(times))
    made = [ids.new() for _ in range(6)]
    assert made == sorted(set(made))
    assert {len(one) for one in made} == {26}


def test_ids_of_two_processes_differ() -> None:
    assert len({UlidIds(now=lambda: 5.0).new() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("env", "origin"),
    [
        ({}, "local"),
        ({"SSH_CLIENT": "10.0.0.7 50122 22"}, "10.0.0.7"),
        ({"SSH_CONNECTION": "fe80::1 50122 10.0.0.1 22"}, "fe80::1"),
    ],
)
def test_who_sits_here_and_from_where(env: dict[str, str], origin: str) -> None:
    actor = login_actor(env)
    assert (actor.user, actor.host, actor.origin) == (ME, socket.gethostname(), origin)


def test_the_environment_cannot_change_who_it_is() -> None:
    assert login_actor({"LOGNAME": "eve", "USER": "eve", "USERNAME": "eve"}).user == ME


def test_who_is_behind_sudo_is_named() -> None:
    assert login_actor({"SUDO_USER": "ana"}).user == f"{ME} (sudo by ana)"
    assert login_actor({"SUDO_USER": ME}).user == ME


async def test_the_clock_goes_on() -> None:
    clock = SystemClock()
    before, wall = clock.monotonic(), clock.now()
    await clock.sleep(0.001)
    assert clock.monotonic() >= before + 0.001
    assert wall > 1_700_000_000.0
    assert 1.0 <= SystemChance().uniform(1.0, 2.0) <= 2.0


def logind(root: Path, name: str, setting: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[Login]\n#KillUserProcesses=yes\n{setting}\n")


def test_without_systemd_nothing_kills(tmp_path: Path) -> None:
    assert login_facts({}, root=tmp_path).kills_user_processes is False


def test_logind_says_whether_it_kills(tmp_path: Path) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert login_facts({}, root=tmp_path).kills_user_processes is None, "compiled in, and not the same everywhere"
    logind(tmp_path, "usr/lib/systemd/logind.conf", "KillUserProcesses=no")
    assert login_facts({}, root=tmp_path).kills_user_processes is False
    logind(tmp_path, "etc/systemd/logind.conf", "KillUserProcesses = yes")
    assert login_facts({}, root=tmp_path).kills_user_processes is True
    logind(tmp_path, "usr/lib/systemd/logind.conf.d/50-site.conf", "KillUserProcesses=no")
    assert login_facts({}, root=tmp_path).kills_user_processes is False
    logind(tmp_path, "etc/systemd/logind.conf.d/50-site.conf", "KillUserProcesses=yes")
    assert login_facts({}, root=tmp_path).kills_user_processes is True, "a file in /etc hides its namesake"


def test_lingering_is_a_file(tmp_path: Path) -> None:
    assert login_facts({}, root=tmp_path).lingering is False
    (tmp_path / "var/lib/systemd/linger").mkdir(parents=True)
    (tmp_path / "var/lib/systemd/linger" / ME).touch()
    assert login_facts({}, root=tmp_path).lingering is True


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        (f"0::/user.slice/user-0.slice/user@{os.getuid()}.service/app.slice/fleetui-controller.service", True),
        ("0::/user.slice/user-0.slice/session-3.scope", False),
        ("", False),
    ],
)
def test_a_unit_is_told_from_a_session(tmp_path: Path, cgroup: str, unit: bool) -> None:
    (tmp_path / "proc/77").mkdir(parents=True)
    (tmp_path / "proc/77/cgroup").write_text(cgroup + "\n")
    assert login_facts({}, root=tmp_path, pid=77).in_user_unit is unit


def test_the_rest_comes_from_the_environment(tmp_path: Path) -> None:
    env = {"SSH_CONNECTION": "a 1 b 2", "SSH_AUTH_SOCK": "/tmp/s", "KRB5CCNAME": "KCM:"}
    facts = login_facts(env, root=tmp_path)
    assert (facts.over_ssh, facts.ssh_auth_sock, facts.krb5_cache) == (True, "/tmp/s", "KCM:")
