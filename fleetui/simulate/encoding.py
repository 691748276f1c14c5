"""Answers as bytes: whole objects, lists, Tables, watch events, statuses."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from fleetui.simulate import printing
from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.manifest import manifest, partial
from fleetui.simulate.objects import Resource
from fleetui.simulate.request import Answer, Document, Status
from fleetui.simulate.world import World

END_OF_INITIAL_EVENTS = "k8s.io/initial-events-end"


def encode(document: Any) -> bytes:
    """JSON. Escaped bytes in a text (``surrogateescape``) go out as they are: invalid UTF-8 from a hostile server."""
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")


def status_document(status: Status) -> Document:
    document: Document = {
        "kind": "Status", "apiVersion": "v1", "metadata": {},
        "status": "Success" if status.success else "Failure",
    }  # fmt: skip
    if status.message:
        document["message"] = status.message
    if status.reason:
        document["reason"] = status.reason
    details = _details(status)
    if details:
        document["details"] = details
    return {**document, "code": status.code}


def _details(status: Status) -> Document:
    details: Document = {
        key: value for key, value in (("name", status.name), ("group", status.group), ("kind", status.kind)) if value
    }
    if status.causes:
        details["causes"] = [
            {"reason": cause.reason, "message": cause.message, **({"field": cause.field} if cause.field else {})}
            for cause in status.causes
        ]
    if status.retry_after_s is not None:
        details["retryAfterSeconds"] = status.retry_after_s
    return details


class Form:
    """The shape a client asked for in its Accept header: whole objects, or a Table the server prints."""

    def __init__(self, world: World, resource: str, *, accept: str, include: str) -> None:
        self._world = world
        self._kind = BY_RESOURCE[resource]
        self.table = "as=Table" in accept
        self._include = include or "Metadata"
        self._columns_sent = False

    def one(self, thing: Resource, now: float) -> Document:
        return (
            self._print((thing,), {"resourceVersion": str(thing.revision)}, now) if self.table else self._whole(thing)
        )

    def many(self, answer: Answer, now: float) -> Document:
        meta: Document = {"resourceVersion": str(answer.revision)}
        if answer.continue_:
            meta |= {"continue": answer.continue_, "remainingItemCount": answer.remaining}
        if self.table:
            return self._print(answer.items, meta, now)
        items = [self._item(thing) for thing in answer.items]
        head = {"kind": f"{self._kind.kind}List", "apiVersion": self._kind.group_version}
        return {**head, "metadata": meta, "items": items}

    def bookmark(self, revision: int, *, initial_end: bool = False) -> Document:
        meta: Document = {"resourceVersion": str(revision), "creationTimestamp": None}
        if initial_end:
            meta["annotations"] = {END_OF_INITIAL_EVENTS: "true"}
        if not self.table:
            return {"kind": self._kind.kind, "apiVersion": self._kind.group_version, "metadata": meta}
        row = {
            "cells": [],
            "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta},
        }
        return self._table([row], {"resourceVersion": str(revision)})

    def _whole(self, thing: Resource) -> Document:
        return manifest(thing)

    def _item(self, thing: Resource) -> Document:
        """Items of a list carry neither kind nor version."""
        document = self._whole(thing)
        del document["kind"], document["apiVersion"]
        return document

    def _print(self, things: Iterable[Resource], meta: Document, now: float) -> Document:
        rows = [{"cells": printing.cells(thing, now), "object": self._object(thing)} for thing in things]
        return self._table(rows, meta)

    def _table(self, rows: list[Document], meta: Document) -> Document:
        """Only the first Table of a watch names the columns."""
        definitions = None if self._columns_sent else self._definitions()
        self._columns_sent = True
        return {
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "columnDefinitions": definitions,
            "rows": rows,
        }  # fmt: skip

    def _definitions(self) -> list[Document]:
        return [
            {"name": each.name, "type": each.type, "format": each.format, "description": "", "priority": each.priority}
            for each in printing.columns(self._kind.resource)
        ]

    def _object(self, thing: Resource) -> Document | None:
        match self._include:
            case "None":
                return None
            case "Object":
                return self._whole(thing)
        return partial(thing)
