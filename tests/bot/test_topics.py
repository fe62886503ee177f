"""Articles are one intent to Rasa, and their slugs are kept for the classifier."""

from pathlib import Path

from bot.components.topics import TOPIC, TopicsImporter, label_of

NLU = """
version: "3.1"
nlu:
  - intent: faq/wifi-safety
    examples: |
      - is the wifi safe
      - can I bank on it
  - intent: greet
    examples: |
      - hello
      - good morning
"""


def _examples(tmp_path: Path) -> list:
    file = tmp_path / "nlu.yml"
    file.write_text(NLU)
    return TopicsImporter(training_data_paths=str(file)).get_nlu_data().training_examples


def test_an_article_is_the_intent_faq_on_its_topic(tmp_path: Path) -> None:
    examples = [e.data for e in _examples(tmp_path) if e.data["intent"] == "faq"]
    assert [e[TOPIC] for e in examples] == ["wifi-safety", "wifi-safety"]


def test_labels_are_spelt_as_in_the_training_data(tmp_path: Path) -> None:
    assert {label_of(e.data) for e in _examples(tmp_path)} == {"faq/wifi-safety", "greet"}
