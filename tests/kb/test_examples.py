from collections import Counter
from pathlib import Path

import pytest

from kb.examples import Example, load_examples
from kb.labels import load_labels


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    return Counter(example.label for example in load_examples())


@pytest.mark.parametrize("label", load_labels().everything)
def test_every_label_has_at_least_25_examples(counts: Counter[str], label: str):
    assert counts[label] >= 25


def test_every_example_is_of_a_label_that_is_known(counts: Counter[str]):
    assert set(counts) <= set(load_labels().everything)


def test_no_example_stands_twice():
    times = Counter(example.text.casefold() for example in load_examples())
    assert [text for text, n in times.items() if n > 1] == []


def test_no_example_is_empty():
    assert all(example.text for example in load_examples())


def test_examples_are_read_from_rasas_files(tmp_path: Path):
    scams = 'nlu:\n- intent: faq/scams\n  examples: |\n    - is this: a scam?\n    - "100%" real\n'
    (tmp_path / "nlu.yml").write_text(f'version: "3.1"\n{scams}', "utf-8")
    (tmp_path / "nlu-more.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hello\n", "utf-8")
    (tmp_path / "rules.yml").write_text("rules: []\n", "utf-8")
    assert load_examples(tmp_path) == [Example("hello", "greet"), Example("is this: a scam?", "scams"), Example('"100%" real', "scams")]
