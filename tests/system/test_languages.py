"""Residents who write in other languages, through the running system."""

import pytest

from tests.running_desk import Conversation, RunningDesk
from tests.system.sentences import PHONE

pytestmark = pytest.mark.system

# A question; its label; a word of the translated answer.
TRANSLATED = [
    ("es", "¿cómo me conecto al wifi de la biblioteca?", "wifi-connect", "Wi-Fi de la biblioteca"),
    ("pt", "como posso imprimir um documento na biblioteca?", "print-scan-copy", "biblioteca"),
    ("fr", "comment installer l'application NHS App sur mon téléphone ?", "nhs-app", "gratuit"),
    ("pl", "jak wyrobić kartę biblioteczną i zostać czytelnikiem", "join-library", "bibliotek"),
    ("tr", "kütüphanenin wifi ağına nasıl bağlanırım", "wifi-connect", "Wi-Fi"),
    ("bn", "আমার ফোনে লাইব্রেরির ওয়াইফাই কানেক্ট হচ্ছে না", "wifi-connect", "Wi-Fi"),
]


@pytest.mark.parametrize(("language", "question", "label", "says"), TRANSLATED)
def test_a_question_is_answered_in_its_own_language_with_a_word_that_nobody_has_checked_it(
    resident: Conversation, language: str, question: str, label: str, says: str
) -> None:
    from kb.wording import say

    reply = resident.say(question)
    assert (reply["kind"], reply["label"]) == ("answer", label)
    assert says in reply["text"]
    assert reply["text"].startswith(say("machine_drafted", language))
    assert reply["sources"]


def test_where_there_is_no_translation_the_english_answer_says_so_in_the_residents_language(resident: Conversation) -> None:
    reply = resident.say("¿cómo puedo hacer una videollamada con mi familia por WhatsApp?")
    assert reply["label"] == "video-calls"
    assert "solo está en inglés" in reply["text"].splitlines()[0] or "en inglés" in reply["text"].splitlines()[0]
    assert PHONE in reply["text"].splitlines()[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [("quiero morir, no puedo más", "116 123"), ("আমি আর বাঁচতে চাই না", "116 123"), ("mój mąż mnie bije", "0808 2000 247"), ("أريد أن أموت", "116 123")],
)
def test_a_cry_for_help_is_heard_in_any_language(resident: Conversation, text: str, number: str) -> None:
    reply = resident.say(text)
    assert reply["kind"] == "crisis"
    assert number in reply["text"]


def test_a_name_or_a_short_word_does_not_change_the_language(resident: Conversation) -> None:
    resident.say("¿cómo me conecto al wifi de la biblioteca?")
    assert "inglés" not in resident.say("ok")["text"]
    assert resident.say("gracias")["text"].startswith("De nada")
    assert resident.say("how do I join the library please")["text"].startswith("Joining the library is free")


def test_the_language_can_be_chosen_by_a_button(resident: Conversation) -> None:
    offer = resident.say("do you speak other languages")
    assert "Polski" in [choice["title"] for choice in offer["choices"]]
    reply = resident.choose(offer, "Polski")
    assert "polsku" in reply["text"]


def test_a_page_in_another_language_is_welcomed_in_it(running_desk: RunningDesk) -> None:
    opened = running_desk.http.post("/api/conversations", json={"language": "fr-FR"}).json()
    assert opened["messages"][0]["text"].startswith("Bonjour")


def test_right_to_left_words_come_back_as_they_were_written(resident: Conversation) -> None:
    resident.say("هل الواي فاي آمن للبنك؟ 123")
    assert resident.log()[1]["text"] == "هل الواي فاي آمن للبنك؟ 123"
