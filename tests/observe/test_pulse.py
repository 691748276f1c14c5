"""The poll of one server by itself: when it asks, whom it believes, and what it tells the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from fleetui.model.cluster import Cluster
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import POLL_EVERY_S, POLL_TIMEOUT_S, Source, Trust
from fleetui.observe.pulse import IDENTIFY_EVERY_S, SLOWEST_S, Pulse
from fleetui.observe.standing import Standing
from fleetui.ports.reader import Ready
from tests.observe.scripted import ScriptedReader, Server, fault
from tests.observe.virtual_clock import Share, VirtualClock, settle

REFUSED = fault(FaultKind.REFUSED, "refused")


class Polling:
    """A pulse of one scripted server. It asks every five seconds sharp; failures wait 5, 10, 20, 20 s."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.chance = Share(1.0)
        self.server = Server()
        self.reader = ScriptedReader("a", self.server, self.clock)
        self.standing = Standing(Cluster(name="a", trust=Trust.IDLE, source=Source.CACHED))
        self.standing.readyz.want(self.clock)
        self.heard: list[str] = []
        """What the pulse told the others, in order; beats say how the server stands at that moment."""
        self.confirmed_at: list[float] = []
        self.confirm_hangs = False
        self.start = self.clock.monotonic()
        self.pulse = Pulse(
            reader=self.reader,
            standing=self.standing,
            clock=self.clock,
            chance=self.chance,
            confirm=self._confirm,
            beaten=self._beaten,
            recovered=lambda: self.heard.append("recovered"),
            refused=lambda said: self.heard.append(f"refused: {said.word}"),
        )

    async def _confirm(self) -> None:
        if self.confirm_hangs:
            await asyncio.Event().wait()
        self.confirmed_at.append(self.passed)

    def _beaten(self) -> None:
        self.heard.append(f"beat: {self.word or 'ready'}")

    @property
    def passed(self) -> float:
        return self.clock.monotonic() - self.start

    @property
    def word(self) -> str:
        said = self.standing.readyz.fault
        return said.word if said else ""

    @property
    def asked(self) -> int:
        return self.server.count("readyz")

    @property
    def trust(self) -> Trust:
        return self.standing.readyz.polled(self.clock.monotonic())


@asynccontextmanager
async def polling() -> AsyncIterator[Polling]:
    made = Polling()
    task = asyncio.create_task(made.pulse.run())
    await settle()
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_an_answer_is_told_with_its_latency_and_skew() -> None:
    async with polling() as polled:

        async def skewed() -> Ready:
            return Ready(latency_s=0.25, skew_s=-3.0)

        polled.reader.readyz = skewed  # type: ignore[method-assign]
        await polled.clock.advance(POLL_EVERY_S)
        assert (polled.standing.latency_s, polled.standing.skew_s) == (0.25, -3.0)
        assert (polled.trust, polled.standing.readyz.contact) == (Trust.LIVE, polled.clock.monotonic())
        assert polled.heard == ["beat: ready"] * 2


async def test_questions_are_five_seconds_apart_however_long_the_answers_take() -> None:
    async with polling() as polled:
        polled.reader.readyz_after_s = 3.0
        await polled.clock.advance(POLL_EVERY_S)
        assert polled.asked == 2
        await polled.clock.advance(POLL_EVERY_S - 0.1)
        assert polled.asked == 2
        await polled.clock.advance(0.1)
        assert polled.asked == 3


async def test_questions_are_drawn_a_little_apart_so_that_a_fleet_does_not_ask_in_step() -> None:
    async with polling() as polled:
        polled.chance.share = 0.0
        await polled.clock.advance(POLL_EVERY_S)  # drawn before
        await polled.clock.advance(POLL_EVERY_S * 0.9)
        assert polled.asked == 3


async def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    async with polling() as polled:
        polled.server.failing["readyz"] = fault(FaultKind.SERVER_ERROR, "503", retry_after_s=60.0)
        await polled.clock.advance(POLL_EVERY_S + 59.9)
        assert polled.asked == 2
        await polled.clock.advance(0.1)
        assert polled.asked == 3


async def test_a_server_that_does_not_answer_is_asked_slower_and_slower_and_after_its_return_as_before() -> None:
    async with polling() as polled:
        polled.server.down = REFUSED
        await polled.clock.advance(POLL_EVERY_S)
        assert (polled.word, polled.standing.latency_s, polled.trust) == ("refused", None, Trust.SILENT)
        for pause in (5.0, 10.0, SLOWEST_S, SLOWEST_S):
            asked = polled.asked
            await polled.clock.advance(pause - 0.1)
            assert polled.asked == asked
            await polled.clock.advance(0.1)
            assert polled.asked == asked + 1
        polled.server.down = None
        await polled.clock.advance(SLOWEST_S)
        assert (polled.word, polled.trust) == ("", Trust.LIVE)
        polled.server.down = REFUSED
        await polled.clock.advance(POLL_EVERY_S)
        asked = polled.asked
        await polled.clock.advance(5.0)
        assert polled.asked == asked + 1


async def test_recovery_is_told_once_and_after_the_beat() -> None:
    async with polling() as polled:
        polled.server.down = REFUSED
        await polled.clock.advance(POLL_EVERY_S)
        polled.server.down = None
        await polled.clock.advance(15.0)
        assert polled.heard == ["beat: ready", "beat: refused", "beat: ready", "recovered", *["beat: ready"] * 2]


async def test_an_alarm_asks_a_living_server_at_once_and_leaves_a_dead_one_alone() -> None:
    async with polling() as polled:
        polled.server.down = REFUSED
        polled.pulse.alarm()
        await settle()
        assert (polled.asked, polled.word) == (2, "refused")
        polled.pulse.alarm()
        await settle()
        assert polled.asked == 2
        polled.pulse.ring()
        await settle()
        assert polled.asked == 3


async def test_silence_has_the_reason_that_the_reader_knows() -> None:
    """A login that waits for a person is not the server's silence."""
    async with polling() as polled:
        waiting = Fault(kind=FaultKind.CREDENTIALS, word="login waits", detail="", remedy="")
        polled.server.freeze()
        polled.reader.patience_s = None
        polled.reader.held_up = waiting  # type: ignore[assignment]
        await polled.clock.advance(POLL_EVERY_S + POLL_TIMEOUT_S - 0.1)
        assert polled.word == ""
        await polled.clock.advance(0.1)
        assert polled.standing.readyz.fault is waiting
        polled.reader.held_up = None
        polled.pulse.ring()
        await polled.clock.advance(POLL_TIMEOUT_S)
        assert polled.word == "no answer"


async def test_who_answers_is_asked_again_once_a_minute() -> None:
    async with polling() as polled:
        await polled.clock.advance(IDENTIFY_EVERY_S * 2 + POLL_EVERY_S)
        assert polled.confirmed_at == [IDENTIFY_EVERY_S, IDENTIFY_EVERY_S * 2]


async def test_who_answers_after_a_failure_is_asked_before_the_answer_counts() -> None:
    async with polling() as polled:
        polled.server.down = REFUSED
        await polled.clock.advance(POLL_EVERY_S)
        polled.server.down = None
        polled.confirm_hangs = True
        await polled.clock.advance(5.0)
        assert (polled.asked, polled.word) == (3, "refused")
        await polled.clock.advance(POLL_TIMEOUT_S)
        assert (polled.word, polled.trust) == ("no answer", Trust.SILENT)
        polled.confirm_hangs = False
        await polled.clock.advance(10.0)
        assert (polled.trust, len(polled.confirmed_at)) == (Trust.LIVE, 1)
        await polled.clock.advance(POLL_EVERY_S)
        assert len(polled.confirmed_at) == 1


async def test_a_refusal_is_an_answer_a_sign_of_life_and_asked_again_as_usual() -> None:
    async with polling() as polled:
        polled.server.failing["readyz"] = fault(FaultKind.FORBIDDEN, "403 readyz")
        await polled.clock.advance(POLL_EVERY_S * 4)
        assert polled.asked == 5
        assert (polled.word, polled.trust, polled.standing.latency_s) == ("403 readyz", Trust.LIVE, None)
        assert polled.standing.readyz.contact == polled.clock.monotonic()
        polled.server.failing.clear()
        await polled.clock.advance(POLL_EVERY_S)
        assert polled.heard == ["beat: ready", *["beat: 403 readyz"] * 4, "beat: ready"]
        assert polled.confirmed_at == []


@pytest.mark.parametrize(
    ("kind", "told"), [(FaultKind.UNAUTHORIZED, ["refused: 401"]), (FaultKind.SERVER_ERROR, [])], ids=str
)
async def test_only_what_needs_a_person_ends_the_connection(kind: FaultKind, told: list[str]) -> None:
    async with polling() as polled:
        polled.server.failing["readyz"] = fault(kind, "401")
        await polled.clock.advance(POLL_EVERY_S)
        assert polled.heard == ["beat: ready", "beat: 401", *told]


async def test_a_defect_is_said_and_the_server_asked_again() -> None:
    async with polling() as polled:
        polled.server.failing["readyz"] = ZeroDivisionError("a bug of ours")
        await polled.clock.advance(POLL_EVERY_S)
        assert (polled.word, polled.trust) == ("internal error", Trust.SILENT)
        polled.server.failing.clear()
        await polled.clock.advance(5.0)
        assert polled.trust is Trust.LIVE
