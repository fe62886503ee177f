import csv
from collections import Counter

import pytest

from evaluation.questions import FOLDER
from understanding.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how do i get on the wifi", "en"),
        ("I cant afford the internet at home", "en"),
        ("no puedo entrar en mi correo", "es"),
        ("não consigo abrir o meu e-mail", "pt"),
        ("je n'arrive pas à imprimer mon CV", "fr"),
        ("nie mogę wejść na moje konto", "pl"),
        ("internete nasıl bağlanabilirim", "tr"),
        ("waxaan rabaa inaan barto kombuyuutarka", "so"),
        ("كيف أطبع ورقة من هاتفي", "ar"),
        ("چطور می‌توانم کارت کتابخانه بگیرم", "fa"),
        ("مجھے کمپیوٹر سیکھنا ہے", "ur"),
        ("আমি কিভাবে প্রিন্ট করব", "bn"),
        ("আমার SIM card কাজ করে না", "bn"),
        ("mujhe free sim chahiye kaise milega", "ur"),
        ("请问怎么用打印机", "zh"),
        ("як надрукувати документ", "uk"),
    ],
)
def test_the_language_of_a_message_is_found(text: str, language: str):
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["ok", "Kowalski", "Jose Garcia", "Mohammed Al-Rashid", "W10 5AA", "07700 900", "🙂", "", "wifi", "a@x.org"])
@pytest.mark.parametrize("current", ["en", "bn", "pl"])
def test_names_and_words_that_say_nothing_leave_the_language_as_it_is(text: str, current: str):
    assert language_of(text, current) == current


def test_an_english_sentence_brings_english_back():
    assert language_of("can I book a computer for tomorrow morning", "pl") == "en"


def test_most_messages_of_the_detection_set_are_told_and_hardly_an_english_one_is_mistaken():
    """The lists of words were made with an eye on this set: it guards against falling back, it does not measure."""
    with (FOLDER / "language-detection.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    right, asked = Counter(), Counter()
    for row in rows:
        asked[row["language"]] += 1
        right[row["language"]] += language_of(row["text"]) == row["language"]
    shares = {language: right[language] / asked[language] for language in asked}
    assert shares.pop("en") >= 0.95
    assert min(shares.values()) >= 0.8, shares
