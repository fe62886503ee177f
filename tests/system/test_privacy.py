"""What residents type by mistake is kept nowhere, and what they type is shown to nobody else."""

import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.stored import everything_on_disk

pytestmark = pytest.mark.system

SECRETS = [
    ("my card number is 4111 1111 1111 1111 can i pay a fine", "4111 1111 1111 1111", "[card number removed]", "a bank card number"),
    ("my nhs number is 943 476 5919", "943 476 5919", "[NHS number removed]", "an NHS number"),
    ("my national insurance number is AB 12 34 56 C", "AB 12 34 56 C", "[National Insurance number removed]", "a National Insurance number"),
    ("my email password is Tr0ub4dor&3", "Tr0ub4dor&3", "[password removed]", "a password or PIN"),
]


@pytest.mark.parametrize(("text", "secret", "instead", "named"), SECRETS)
def test_a_secret_is_masked_in_the_log_in_rasas_store_and_in_the_desks_own_log(
    running_desk: RunningDesk, resident: Conversation, text: str, secret: str, instead: str, named: str
) -> None:
    reply = resident.say(text)
    assert (reply["kind"], reply["label"]) == ("personal_data", "personal_data")
    assert named in reply["text"]
    assert resident.log()[1]["text"] == text.replace(secret, instead)
    on_disk = everything_on_disk(running_desk)
    assert instead.encode() in on_disk
    assert secret.encode() not in on_disk
    assert secret.replace(" ", "").encode() not in on_disk


def test_a_secret_in_a_cry_for_help_is_masked_and_the_help_comes_first(running_desk: RunningDesk, resident: Conversation) -> None:
    reply = resident.say("I want to kill myself, my card is 5555 5555 5555 4444")
    assert reply["kind"] == "crisis"
    assert "5555 5555 5555 4444" not in resident.log()[1]["text"]
    assert b"5555 5555 5555 4444" not in everything_on_disk(running_desk)


def test_a_secret_is_not_in_the_transcript_nor_in_the_result(resident: Conversation) -> None:
    response = resident.post(text="my card number is 4111 1111 1111 1111")
    transcript = resident.http.get(f"/api/conversations/{resident.id}/transcript", headers=resident.headers)
    assert "4111" not in response.text
    assert "4111" not in transcript.text


def test_the_desks_log_holds_no_word_of_a_resident_and_no_token(running_desk: RunningDesk, resident: Conversation) -> None:
    resident.say("how do i connect to the wifi with my wobblegong")
    running_desk.http.get("/api/search", params={"q": "wobblegong"})
    log = running_desk.log_file.read_text()
    assert "wobblegong" not in log
    assert resident.token not in log


def test_the_metrics_hold_no_word_of_a_resident(running_desk: RunningDesk, resident: Conversation) -> None:
    resident.say("how do i connect to the wifi with my wobblegong")
    metrics = running_desk.http.get("/metrics").text
    assert "desk_messages_total" in metrics
    assert not [word for word in ("wobblegong", resident.id, resident.token) if word in metrics]
