"""A value as people write it into a file: without fields that say what holds anyway."""

import msgspec
from msgspec.structs import fields


def said(value: object) -> object:
    """Structs become mappings without their defaults, enums their values; the rest stays."""
    if isinstance(value, msgspec.Struct):
        return {one.name: said(getattr(value, one.name)) for one in fields(value) if not _is_default(value, one)}
    if isinstance(value, tuple | list):
        return [said(one) for one in value]
    return msgspec.to_builtins(value)


def _is_default(value: msgspec.Struct, field: msgspec.structs.FieldInfo) -> bool:
    there = getattr(value, field.name)
    if field.default is not msgspec.NODEFAULT:
        return bool(there == field.default)
    return field.default_factory is not msgspec.NODEFAULT and not there
