"""Out of a task group comes a group of exceptions; the engine decides by the first that has a cause of its own."""


def root_cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception in the group that is not a group itself."""
    first = group.exceptions[0]
    return root_cause(first) if isinstance(first, BaseExceptionGroup) else first
