"""Telling open pages that a log has grown."""

from web.streams import Streams


async def test_all_who_follow_a_chat_are_woken_and_nobody_else() -> None:
    streams = Streams()
    first, second, other = streams.follow("mine"), streams.follow("mine"), streams.follow("another")
    streams.wake("mine")
    assert first.is_set()
    assert second.is_set()
    assert not other.is_set()


async def test_who_has_left_is_not_woken() -> None:
    streams = Streams()
    left, stayed = streams.follow("mine"), streams.follow("mine")
    streams.leave("mine", left)
    streams.wake("mine")
    assert not left.is_set()
    assert stayed.is_set()


async def test_a_chat_that_nobody_follows_can_be_woken_and_left() -> None:
    streams = Streams()
    streams.wake("mine")
    event = streams.follow("mine")
    streams.leave("mine", event)
    streams.leave("mine", event)
    streams.wake("mine")
    assert not event.is_set()


async def test_closing_wakes_everybody_so_that_a_restart_waits_for_nobody() -> None:
    streams = Streams()
    followers = [streams.follow("mine"), streams.follow("another")]
    streams.close()
    assert streams.closed
    assert all(follower.is_set() for follower in followers)
