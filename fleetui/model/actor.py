"""Who did something, as people call them."""


def person(actor: str) -> str:
    """The one to ask: of ``root (sudo by ana)@jump-1`` it is ``ana@jump-1``. The whole stands in the audit."""
    _, sudo, behind = actor.partition(" (sudo by ")
    return behind.replace(")", "", 1) if sudo else actor
