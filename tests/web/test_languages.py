"""Languages at the public door, with no assistant behind it."""

from starlette.testclient import TestClient


def begin(visitor: TestClient, language: str = "en") -> tuple[str, dict[str, str], dict]:
    opened = visitor.post("/api/conversations", json={"language": language}).json()
    return opened["conversation"], {"Authorization": f"Bearer {opened['token']}"}, opened["messages"][0]


def say(visitor: TestClient, conversation: str, headers: dict[str, str], text: str, number: int = 1) -> dict:
    body = {"client_id": str(number), "text": text}
    return visitor.post(f"/api/conversations/{conversation}/messages", json=body, headers=headers).json()["messages"][-1]


def test_the_welcome_is_in_the_language_asked_for(visitor: TestClient) -> None:
    assert begin(visitor, "es-MX")[2]["text"].startswith("Hola")
    assert begin(visitor, "tlh")[2]["text"].startswith("Hello")


def test_what_cannot_be_answered_is_said_in_the_residents_language(visitor: TestClient) -> None:
    conversation, headers, _ = begin(visitor)
    assert "020 7641 6200" in say(visitor, conversation, headers, "ফুটবল খেলায় কে জিতেছে")["text"]
    assert any("\u0980" <= letter <= "\u09ff" for letter in say(visitor, conversation, headers, "ok", 2)["text"])


def test_a_cry_for_help_gets_the_safety_reply_of_its_language(visitor: TestClient) -> None:
    conversation, headers, _ = begin(visitor)
    reply = say(visitor, conversation, headers, "me quiero matar, ya no puedo más")
    assert (reply["kind"], reply["label"]) == ("crisis", "crisis")
    assert "116 123" in reply["text"]
    assert "Samaritans" in reply["text"]
    assert reply["text"] != say(visitor, *begin(visitor)[:2], "I want to kill myself")["text"]
