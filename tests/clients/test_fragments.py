"""A list cut anywhere by the network, and items that look like the seams between items."""

import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from fleetui.clients.kube import fragments
from fleetui.clients.kube.fragments import BrokenListError, Envelope, Fragments

_items = msgspec.json.Decoder(list[dict[str, Any]])


async def _pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def _read(body: bytes, *, size: int = 64) -> tuple[list[dict[str, Any]], Envelope, int]:
    reader = Fragments(lambda _, text: _items.decode(text))
    parts = [part async for part in reader.read(_pieces(body, size))]
    return [item for part in parts for item in part], reader.envelope, len(parts)


def _item(number: int, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": f"pod-{number}"}, **more}


def _list(items: list[Any], *, kind: str = "PodList", key: str = "items", compact: bool = True) -> bytes:
    meta = {"resourceVersion": "7", "continue": "next", "remainingItemCount": 3}
    said = {"kind": kind, "apiVersion": "v1", "metadata": meta, key: items}
    return json.dumps(said, separators=(",", ":") if compact else None).encode() + b"\n"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cuts are tried every 200 bytes, so that small lists have many."""
    monkeypatch.setattr(fragments, "FRAGMENT", 200)


HOSTILE = [
    _item(1, spec={"volumes": [{"metadata": {"name": "x"}}, {"metadata": {"name": "y"}}] * 20}),
    _item(2, note='},{"metadata":{"name":"fake"}}],"items":['),
    _item(3, note='\\"},{\\' * 30),
    _item(4, note="]}" * 50),
    _item(5, deep=[[[{"cells": []}], {"metadata": {}}]] * 10),
    _item(6, text="größe 東京 " * 30),
]


@pytest.mark.parametrize("size", [1, 7, 64, 1_000, 100_000])
@pytest.mark.parametrize("compact", [True, False])
async def test_every_item_arrives_however_it_is_cut(size: int, compact: bool) -> None:
    items = [*HOSTILE, *(_item(number) for number in range(10, 60))]
    found, envelope, parts = await _read(_list(items, compact=compact), size=size)
    assert found == items
    assert (envelope.kind, envelope.metadata.resource_version) == ("PodList", "7")
    assert (envelope.metadata.continue_, envelope.metadata.remaining_item_count) == ("next", 3)
    if compact and size < 1_000:
        assert parts > 5


async def test_the_envelope_is_known_before_the_first_items() -> None:
    seen: list[str] = []

    def decode(envelope: Envelope, text: bytes) -> int:
        seen.append(envelope.metadata.resource_version)
        return len(_items.decode(text))

    reader = Fragments(decode)
    counts = [count async for count in reader.read(_pieces(_list([_item(n) for n in range(50)]), 64))]
    assert sum(counts) == 50
    assert set(seen) == {"7"}


async def test_metadata_may_stand_behind_the_items() -> None:
    body = b'{"items":[{"metadata":{"name":"a"}}],"kind":"PodList","metadata":{"resourceVersion":"9"}}'
    found, envelope, _ = await _read(body)
    assert (len(found), envelope.kind, envelope.metadata.resource_version) == (1, "PodList", "9")


async def test_the_rows_of_a_table() -> None:
    rows = [{"cells": ["a", 1], "object": {"metadata": {"name": f"n{number}"}}} for number in range(40)]
    found, _, parts = await _read(_list(rows, kind="Table", key="rows"))
    assert found == rows
    assert parts > 3


@pytest.mark.parametrize("items", [b"[]", b"null", b"[ ]"])
async def test_no_items(items: bytes) -> None:
    body = b'{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":' + items + b"}"
    found, envelope, _ = await _read(body)
    assert (found, envelope.metadata.resource_version) == ([], "7")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"kind":"Status"}',
        _list(HOSTILE)[:-3],
        _list(HOSTILE)[:500],
        _list([_item(1)]).replace(b'"pod-1"', b'"pod-1'),
    ],
)
async def test_what_is_no_list_or_ends_half_way_is_an_error(body: bytes) -> None:
    with pytest.raises(BrokenListError):
        await _read(body)


async def test_what_decode_makes_of_a_part_may_be_nothing() -> None:
    seen: list[int] = []

    def decode(_: Envelope, text: bytes) -> None:
        seen.append(len(_items.decode(text)))

    reader = Fragments(decode)
    parts = [part async for part in reader.read(_pieces(_list([_item(n) for n in range(50)]), 64))]
    assert parts == [None] * len(seen)
    assert sum(seen) == 50


async def test_a_long_answer_that_was_cut_is_given_up_at_once() -> None:
    tries: list[int] = []

    def decode(_: Envelope, text: bytes) -> int:
        tries.append(len(text))
        return len(_items.decode(text))

    reader = Fragments(decode)
    body = b'{"metadata":{"resourceVersion":"7"},"items":[{"a":' + b"[[]]," * 20_000
    with pytest.raises(BrokenListError):
        [part async for part in reader.read(_pieces(body, 1_000))]
    assert len(tries) < 40


@pytest.mark.parametrize("begin", [b'{"items":[{"metadata":{"name":"', b'{"kind":"'])
async def test_an_item_without_end_is_given_up(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "ITEM_LIMIT", 100_000)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield begin
        while True:
            read += 10_000
            yield b"x" * 10_000

    with pytest.raises(BrokenListError, match="no end of an item"):
        async for _ in Fragments(lambda _, text: json.loads(text)).read(endless()):
            pass
    assert read < 500_000
