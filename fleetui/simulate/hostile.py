"""A cluster that means harm: every text it controls holds what a terminal, a table or a parser might obey.

A real API server refuses most of it in most fields; a compromised one, or a proxy in between, does not.
"""

from collections.abc import Iterator
from random import Random
from types import MappingProxyType

from fleetui.model.drain import OwnerRef, Taint
from fleetui.model.labels import ROLE_PREFIX, ZONE_LABEL
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.ports.clock import Clock
from fleetui.simulate.fleet import Fleet, Member
from fleetui.simulate.host import Host
from fleetui.simulate.objects import (
    Condition,
    Container,
    ContainerStatus,
    DisruptionBudget,
    Event,
    Hardware,
    Namespace,
    Node,
    Pod,
    PodTemplate,
    Resource,
)
from fleetui.simulate.trouble import Trouble
from fleetui.simulate.world import World

TEXTS = MappingProxyType(
    {
        "clear": "\x1b[2J\x1b[H",
        "title": "\x1b]0;owned\x07",
        "clipboard": "\x1b]52;c;b3duZWQ=\x07",
        "link": "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
        "answer": "\x1b[6n\x1b[c\x05",
        "c1": "\x9b31mred\x9b0m\x90q\x9c\x85",
        "markup": "[bold red]not bold[/] [@click=app.quit]x[/] $text-error",
        "bidi": "\u202egnp.exe\u202c\u2066\u2069\u200f",
        "rtl": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
        "zero-width": "pay\u200bments\u200d\u2060\ufeff\u00ad",
        "pile": "Z" + "\u0351\u036b\u0343\u036a" * 20,
        "lines": "a\r\nFAKE   Ready   admin\n\tb\x0b\x0c\u2028\u2029",
        "nul": "a\x00b\x08\x08\x7f",
        "wide": "\U0001f469\u200d\U0001f469\u200d\U0001f467\u65e5\u672c\ufe0f\u20e3",
        "bytes": "caf\udce9 \udcff\udcfe\udc80",
        "blank": " \u00a0\u3000\u2800\u115f ",
        "quote": "\"'\\{}`$(reboot);|&<>%s%n{0}",
    }
)
"""One of each family. ``bytes`` is invalid UTF-8 once it is on the wire."""

LONG = 2**20
"""Characters of the values that are too long."""


def hostile_fleet(clock: Clock, *, seed: int = 1, long: bool = True) -> Fleet:
    """``hostile`` shows hostile objects; ``hostile-refusal`` answers 500 with a hostile message."""
    objects = Host("hostile", lambda: _world(clock.now(), seed, long), clock)
    message = "".join(TEXTS.values()) + "x" * (LONG if long else 0)
    refusal = Host("hostile-refusal", lambda: _world(clock.now(), seed, False), clock,
                   Trouble(server_error=True, says=message))  # fmt: skip
    return Fleet(
        tuple(Member(host, token=f"demo-{host.name}", accepted=f"demo-{host.name}") for host in (objects, refusal))
    )


def _world(now: float, seed: int, long: bool) -> World:
    world = World(rng=Random(seed), version=f"v1.36.3{TEXTS['clear']}{TEXTS['bidi']}")  # noqa: S311 - must repeat
    world.begin(hostile_objects(now, long=long), now)
    return world


def hostile_objects(now: float, *, long: bool = True) -> Iterator[Resource]:
    """A node, a pod, a budget and an event for each family, with it in every text; then values of a megabyte, each in
    an object of its own, as the real server's limit for an object allows one."""
    yield Namespace(name="kube-system", uid=f"uid-{TEXTS['clear']}", created=now)
    for family, text in TEXTS.items():
        yield _node(family, text, now)
        yield _pod(family, text, now)
        yield _budget(family, text, now)
        yield _event(family, text, now)
    if long:
        yield _node("long-name", "calm", now, name="n" * LONG)
        yield _node("long-label", "calm", now, label="v" * LONG)
        yield _pod("long-name", "calm", now, name="p" * LONG)
        yield _pod("long-reason", "calm", now, reason="r" * LONG)


def _node(family: str, text: str, now: float, *, name: str = "", label: str = "") -> Node:
    return Node(
        name=name or f"node-{family}-{text}",
        uid=f"node-{family}-{text}",
        created=now,
        labels=_pairs((text, text), (ZONE_LABEL, label or text), (f"{ROLE_PREFIX}{text}", "")),
        annotations=_pairs(*(
            (key, f'{{"op":"{_escaped(text)}","by":"{_escaped(text)}","kind":"{_escaped(text)}"}}')
            for key in (CORDON_ANNOTATION, LOCK_ANNOTATION)
        ), (text, text)),
        hardware=Hardware(
            cpu_m=4000, memory=2**33, architecture=text, os_image=text, kernel=text, runtime=text,
        ),
        kubelet=text,
        internal_ip=text,
        conditions=(Condition("Ready", "True", text, text, now), Condition(text, text, text, text, now)),
        unschedulable=True,
        taints=(Taint(key=text, value=text, effect=text),),
    )  # fmt: skip


def _pod(family: str, text: str, now: float, *, name: str = "", reason: str = "") -> Pod:
    template = PodTemplate(
        containers=(Container(text, text),), labels=_pairs((text, text)), empty_dirs=(text,), host_paths=(text,),
        claims=(text,), node_selector=_pairs((text, text)),
    )  # fmt: skip
    return Pod(
        name=name or f"pod-{family}-{text}",
        namespace=f"ns-{text}",
        uid=f"pod-{family}-{text}",
        created=now,
        labels=template.labels,
        annotations=_pairs((text, text)),
        owner=OwnerRef(kind=text, name=text, uid=text, api_version=text),
        finalizers=(text,),
        template=template,
        containers=(ContainerStatus("waiting", reason or text),),
        node=f"node-{family}-{text}",
        phase=text,
        ip=text,
        started=now,
    )


def _budget(family: str, text: str, now: float) -> DisruptionBudget:
    return DisruptionBudget(
        name=f"pdb-{family}-{text}", namespace=f"ns-{text}", uid=f"pdb-{family}-{text}", created=now,
        match_labels=_pairs((text, text)), min_available="1",
    )  # fmt: skip


def _event(family: str, text: str, now: float) -> Event:
    return Event(
        name=f"event-{family}-{text}", namespace=f"ns-{text}", uid=f"event-{family}-{text}", created=now,
        about=(f"ns-{text}", f"pod-{family}-{text}"), about_kind=text, about_uid=text, type=text, reason=text,
        message=text, source=text, last=now,
    )  # fmt: skip


def _pairs(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs))


def _escaped(text: str) -> str:
    """For the inside of a JSON string."""
    return "".join(f"\\u{ord(char):04x}" if char < " " or char in '"\\' else char for char in text)
