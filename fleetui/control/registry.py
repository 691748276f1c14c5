"""Which operations there are: every module of ``control.operations`` that defines ``OPERATION``."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from fleetui.control import operations
from fleetui.control.operation_kind import OperationKind

Registry = Mapping[str, OperationKind]


def load_registry() -> Registry:
    """Name to operation. Imports the modules: a controller does it once, at its start."""
    modules = (
        importlib.import_module(f"{operations.__name__}.{module.name}")
        for module in pkgutil.iter_modules(operations.__path__)
    )
    kinds: list[OperationKind] = [module.OPERATION for module in modules]
    return MappingProxyType({kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)})
