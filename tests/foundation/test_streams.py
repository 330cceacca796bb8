"""Named streams: the same name and seed give the same numbers, in any order of asking."""

from __future__ import annotations

from makeorbuy.foundation.streams import Streams


def test_the_order_of_asking_does_not_matter() -> None:
    first, second = Streams(7), Streams(7)
    a = first.named("wages").random(5).tolist()
    first.named("prices").random(5)
    second.named("prices").random(99)
    assert second.named("wages").random(5).tolist() == a


def test_names_do_not_run_together() -> None:
    streams = Streams(0)
    assert streams.named("ab", "c").random() != streams.named("a", "bc").random()


def test_seed_zero_is_a_seed() -> None:
    assert Streams(0).named("x").random() != Streams(1).named("x").random()
