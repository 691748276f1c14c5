"""What a typed line means: words that are completed, a view that it leads to, a command that it runs."""

from fleetui.console.command import LENS, TABLES, Command, Console, Danger
from fleetui.console.commands import COMMANDS, by_word, run
from fleetui.console.views import View


def complete(text: str) -> tuple[str, ...]:
    """Command names that begin with what was typed, the shown name of each command first."""
    typed = text.lstrip()
    if not typed or " " in typed:
        return ()
    shown = [command.words[0] for command in COMMANDS if command.words]
    others = (word for command in COMMANDS for word in command.words[1:])
    return tuple(word for word in (*sorted(shown), *others) if word.startswith(typed) and word != typed)


def view_of(text: str) -> View:
    """The view that a line leads to: ``pods @eu-*``, ``lens prod-1``. Raises ValueError when it leads to none."""
    word, _, rest = text.strip().removeprefix(":").partition(" ")
    command = by_word(word)
    if command is not None and LENS in command.words and rest.strip():
        return View(LENS, cluster=rest.strip())
    if command is None or not TABLES.intersection(command.words):
        raise ValueError(f"{word}: no such view; there are {', '.join(sorted(TABLES))}")
    return View(command.words[0], query=rest.strip().removeprefix("/"))


def run_line(console: Console, text: str) -> None:
    """One line of the command line. Raises ValueError that says what is wrong."""
    word, _, rest = text.strip().partition(" ")
    if not word:
        return
    command = by_word(word)
    if command is not None:
        run(console, command, rest)
        return
    command = _begun(word, console.go.here.screen, all_of_them=console.key_of("session.help"))
    run(console, command, rest)
    console.say(f":{word} ran :{command.words[0]}", "accent")


def _begun(word: str, place: str, *, all_of_them: str) -> Command:
    """The one command that a word begins. Raises ValueError with those that it could be, or with the key that shows
    all of them."""
    begun = [command for command in COMMANDS if any(known.startswith(word) for known in command.words)]
    here = [command for command in begun if place in command.places] or begun
    if len(here) == 1 and not _in_full(here[0]):
        return here[0]
    if here:
        raise ValueError(f":{word} could be {', '.join(f':{command.words[0]}' for command in here)}")
    near = complete(word[:2])
    raise ValueError(f"no command :{word}; {f'did you mean :{near[0]}?' if near else f'{all_of_them} shows them all'}")


def _in_full(command: Command) -> bool:
    """What changes a cluster or leaves is not started by half a word."""
    return command.in_full or command.danger is Danger.CHANGES
