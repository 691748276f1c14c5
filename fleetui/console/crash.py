"""The last fence: an unknown error ends the console loudly, with the terminal restored and no secret in the report.

Textual's own report prints local variables; ours prints the way to the error, and its text with credentials masked.
"""

import traceback

from fleetui.model.redaction_rules import masked
from fleetui.model.text import clean_block

MASK = "********"


class SupervisorError(Exception):
    """The task that keeps the picture has ended: what is on screen would be a lie from now on."""


def redact(text: str) -> str:
    """Credentials by name and by look, masked with a fixed width."""
    return masked(text, MASK)


def crash_report(error: BaseException) -> str:
    """Stack and message without local variables, harmless for a terminal."""
    stack = "".join(traceback.format_exception(error))
    return clean_block(redact(stack)) + "\nfleetui has crashed. Operations go on in the controller: fleetui get ops\n"
