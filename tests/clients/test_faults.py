"""What is masked before a fault is shown, and what is not."""

import time

import pytest

from fleetui.clients.http.faults import MASK, fault, redact, retry_after
from fleetui.model.fault import FaultKind

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"got {JWT}!", f"got {MASK}!"),
        ("Authorization: Bearer abcdefgh1234", f"Authorization: {MASK}"),
        ("Basic YW5hOnB3cHc=", f"Basic {MASK}"),
        ("https://ana:hunter2@proxy:3128/x", f"https://{MASK}@proxy:3128/x"),
        ('{"access_token": "abcd1234", "user": "ana"}', f'{{"access_token": "{MASK}", "user": "ana"}}'),
        ("--client-secret=abcd1234 --profile prod", f"--client-secret={MASK} --profile prod"),
        ("AWS_SECRET_ACCESS_KEY=abcd1234", f"AWS_SECRET_ACCESS_KEY={MASK}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAA\n-----END RSA PRIVATE KEY-----", MASK),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAA cut off", MASK),
        ("A" * 200, MASK),
        ("ab+/" * 30, MASK),
        ("ab-_" * 30, MASK),
        (f"no such file: {'/two-words' * 20}", f"no such file: {'/two-words' * 20}"),
        ('pods is forbidden: User "ana" cannot list resource', 'pods is forbidden: User "ana" cannot list resource'),
        ("token expired", "token expired"),
        ("the token is expired", "the token is expired"),
        ("kubeconfig: no such file", "kubeconfig: no such file"),
        ("auth: exec plugin failed", "auth: exec plugin failed"),
        ("push with ghp_16C7e42F292c6912E7710c838347Ae178B4a", f"push with {MASK}"),
        ("X-Vault-Token: hunter2", f"X-Vault-Token: {MASK}"),
        ("dial tcp 10.0.0.1:6443: i/o timeout", "dial tcp 10.0.0.1:6443: i/o timeout"),
    ],
)
def test_redact(said: str, shown: str) -> None:
    assert redact(said) == shown


def test_known_secrets_are_masked_whatever_they_look_like() -> None:
    assert redact("it was plainword", "plainword", "") == f"it was {MASK}"


def test_the_texts_of_a_fault_are_one_clean_short_line_each() -> None:
    made = fault(FaultKind.NETWORK, "a\nb", f"\x1b[31m{'word ' * 200}\u202e", f"use {JWT}\n")
    assert made.word == "a b"
    assert len(made.detail) == 300
    assert "\x1b" not in made.detail
    assert made.remedy == f"use {MASK}"


@pytest.mark.parametrize(
    ("header", "seconds"), [({}, None), ({"Retry-After": "7"}, 7.0), ({"Retry-After": "soon"}, None)]
)
def test_retry_after(header: dict[str, str], seconds: float | None) -> None:
    assert retry_after(header, now=0.0) == seconds


def test_retry_after_as_a_date() -> None:
    now = 1_800_000_000.0
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now + 30))
    assert retry_after({"Retry-After": date}, now=now) == 30.0
