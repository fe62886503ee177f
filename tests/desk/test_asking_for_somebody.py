import pytest

from desk.asking_for_somebody import asks_for_a_person, asks_for_somebody


@pytest.mark.parametrize(
    "text",
    [
        "I want a human please",
        "can I speak to somebody",
        "talk to a real person",
        "human",
        "get me a member of staff",
        "quiero hablar con una persona",
        "je veux parler à quelqu'un",
        "chcę porozmawiać z człowiekiem",
        "quero falar com alguém",
        "biriyle konuşmak istiyorum",
        "أريد أن أتحدث مع موظف",
        "মানুষের সাথে কথা বলতে চাই",
        "کسی سے بات کرنی ہے",
    ],
)
def test_a_person_is_asked_for(text: str) -> None:
    assert asks_for_a_person(text)


@pytest.mark.parametrize("text", ["how do I speak Spanish", "human biology books", "I need a laptop", "is there parking", "hello"])
def test_no_person_is_asked_for(text: str) -> None:
    assert not asks_for_a_person(text)


@pytest.mark.parametrize("text", ["hello?", "is anyone there", "are you still there", "¿hay alguien?", "কেউ আছেন?"])
def test_a_sign_of_life_is_asked_for(text: str) -> None:
    assert asks_for_somebody(text)


@pytest.mark.parametrize("text", ["hello, it is about my library card", "how do I print", "thank you"])
def test_no_sign_of_life_is_asked_for(text: str) -> None:
    assert not asks_for_somebody(text)
