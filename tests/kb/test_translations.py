from pathlib import Path

import pytest

from kb.articles import load_articles
from kb.labels import load_labels
from kb.translations import check_translations, load_translations, read_translation
from kb.wording import DEFAULT, keys, languages, say, words

ENGLISH = load_articles()
OTHERS = [language for language in languages() if language != DEFAULT]
WORTH_TRANSLATING = {
    "wifi-connect", "use-a-computer", "print-scan-copy", "join-library", "databank", "social-tariffs",
    "borrow-a-device", "digital-help", "english-classes", "nhs-app", "scams", "benefits-online",
}  # fmt: skip


def test_the_ten_languages_are_there():
    assert set(OTHERS) == {"es", "pt", "fr", "ar", "fa", "ur", "bn", "so", "pl", "tr"}


def test_translations_keep_to_their_english_articles():
    assert list(check_translations(ENGLISH)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_most_needed_articles_are_translated_and_wait_for_a_speaker(language: str):
    translated = load_translations(language, ENGLISH, {})
    assert set(translated) == WORTH_TRANSLATING
    assert all(article.awaits_review for article in translated.values())
    assert not any(article.placeholders() for article in translated.values())


@pytest.mark.parametrize("language", OTHERS)
def test_safety_greeting_fallback_and_the_way_to_a_person_are_said(language: str):
    needed = {"crisis", "medical_advice", "personal_data", "welcome", "greet", "fallback", "out_of_scope", "english_only", "machine_drafted"}
    assert needed | {f"article_titles.{slug}" for slug in load_labels().articles} <= keys(language)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(
    ("reply", "numbers"), [("crisis", ["999", "116 123", "85258", "111", "0808 2000 247", "0800 1111"]), ("medical_advice", ["999", "111"])]
)
def test_safety_replies_lose_no_number(language: str, reply: str, numbers: list[str]):
    words_said = say(reply, language, phone="020 7641 6200")
    assert [number for number in numbers if number not in words_said] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_the_fields_of_the_english_one(language: str):
    def fields(text: str) -> list[str]:
        return sorted(part.split("}")[0] for part in text.split("{")[1:])

    shared = keys(language) & keys(DEFAULT)
    assert [key for key in shared if fields(words(language)[key]) != fields(words(DEFAULT)[key])] == []


def test_a_translation_with_other_steps_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    original = Path(__file__).resolve().parents[2] / "kb" / "articles" / "es" / "wifi-connect.md"
    shorter = tmp_path / "es" / "wifi-connect.md"
    shorter.parent.mkdir()
    lines = original.read_text("utf-8").splitlines(keepends=True)
    shorter.write_text("".join(line for line in lines if not line.startswith("7. ")), "utf-8")
    monkeypatch.setattr("kb.translations.FOLDER", tmp_path)
    assert any("steps" in problem.what for problem in check_translations(ENGLISH))


def test_front_matter_that_nobody_understands_is_refused(tmp_path: Path):
    path = tmp_path / "wifi-connect.md"
    path.write_text("---\ntitle: x\n---\n## y\n", "utf-8")
    with pytest.raises(ValueError, match="translation"):
        read_translation(path, ENGLISH["wifi-connect"])
