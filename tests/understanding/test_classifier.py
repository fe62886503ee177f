import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from understanding.classifier import EnquiryModel
from understanding.encoder import encoder
from understanding.enquiries import EnquiryModels

EXAMPLES = {
    "wifi-connect": [
        "how do I get on the wifi",
        "what is the wifi password",
        "my phone will not connect to the wifi",
        "connect my laptop to the internet",
        "is there free wifi here",
        "the wifi keeps dropping",
        "which network do I choose",
        "can I use the wireless without a card",
        "my tablet cannot find the network",
        "wifi not working",
    ],
    "print-scan-copy": [
        "how much is printing",
        "can I print in colour",
        "I need to photocopy my passport",
        "where is the scanner",
        "print from my phone",
        "the printer ate my money",
        "scan a letter to email",
        "cost of a photocopy",
        "I want to print a boarding pass",
        "printing on both sides",
    ],
    "join-library": [
        "how do I join the library",
        "I want a library card",
        "can my son become a member",
        "what proof of address to join",
        "sign up online for membership",
        "join without an address",
        "is membership free",
        "I moved here and want to be a member",
        "register as a new member",
        "do children get a card",
    ],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


@pytest.fixture(scope="module")
def model() -> EnquiryModel:
    return EnquiryModel.train(TEXTS, encoder().encode(TEXTS), LABELS)


def likeliest(model: EnquiryModel, text: str) -> str:
    return model.guesses(text, encoder().encode([text])[0])[0].label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("cant get my phone on your wi fi", "wifi-connect"),
        ("no internet on my ipad", "wifi-connect"),
        ("I have to copy two pages of a form", "print-scan-copy"),
        ("pritning a ticket", "print-scan-copy"),
        ("becoming a member of the library", "join-library"),
        ("how can I get a card for my daughter", "join-library"),
    ],
)
def test_a_small_task_is_learnt(model: EnquiryModel, text: str, label: str):
    assert likeliest(model, text) == label


def test_guesses_come_with_the_likeliest_first_and_their_chances_add_up(model: EnquiryModel):
    guesses = model.guesses("print", encoder().encode(["print"])[0])
    assert [guess.probability for guess in guesses] == sorted((guess.probability for guess in guesses), reverse=True)
    assert {guess.label for guess in guesses} == set(EXAMPLES)
    assert 0.5 < sum(guess.probability for guess in guesses) <= 1  # the rest is the chance of something unheard of


def test_no_more_is_guessed_than_asked_for(model: EnquiryModel):
    assert len(model.guesses("print", encoder().encode(["print"])[0], most=2)) == 2


def test_what_is_about_nothing_learnt_is_less_certain(model: EnquiryModel):
    def certainty(text: str) -> float:
        return model.guesses(text, encoder().encode([text])[0])[0].probability

    assert certainty("who won the football on Saturday") < certainty("how do I connect to the wifi")


def test_the_same_examples_give_the_same_model(model: EnquiryModel):
    again = EnquiryModel.train(TEXTS, encoder().encode(TEXTS), LABELS)
    asked = ["print", "wifi", "card", "football"]
    vectors = encoder().encode(asked)
    assert again.probabilities(asked, vectors) == pytest.approx(model.probabilities(asked, vectors), abs=1e-6)


def test_a_label_with_a_single_example_can_be_learnt():
    texts, labels = [*TEXTS, "who is the mayor"], [*LABELS, "out_of_scope"]
    model = EnquiryModel.train(texts, encoder().encode(texts), labels)
    assert likeliest(model, "who is the mayor") == "out_of_scope"


def test_a_saved_model_gives_the_same_guesses(model: EnquiryModel, tmp_path: Path):
    EnquiryModels(model, model, {"bn": np.zeros(384, np.float32)}).save(tmp_path / "model.npz")
    loaded = EnquiryModels.load(tmp_path / "model.npz")
    asked = [*TEXTS, "who won the football", "", "déjà vu"]
    vectors = encoder().encode(asked)
    for text, vector in zip(asked, vectors, strict=True):
        for language in ("en", "bn"):
            after = loaded.chances(text, vector, language)
            assert list(after) == model.labels
            assert list(after.values()) == pytest.approx(model.chances(text, vector), abs=0.01)


def test_one_text_alone_is_judged_as_among_many(model: EnquiryModel):
    asked = [*TEXTS, "who won the football", "", "déjà vu", "print PRINT print the the wifi", "x"]
    vectors = encoder().encode(asked)
    alone = np.stack([model.chances(text, vector) for text, vector in zip(asked, vectors, strict=True)])
    assert alone == pytest.approx(model.probabilities(asked, vectors), abs=1e-5)


class Bomb:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._mark),)


def test_a_pickle_within_a_model_file_is_refused_and_not_run(model: EnquiryModel, tmp_path: Path):
    EnquiryModels(model, model, {"bn": np.zeros(384, np.float32)}).save(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz") as kept:
        arrays = dict(kept)
    for name in arrays:
        np.savez(tmp_path / "foreign.npz", **arrays | {name: np.array([Bomb(tmp_path / "run")], object)})
        with pytest.raises(ValueError, match="allow_pickle"):
            EnquiryModels.load(tmp_path / "foreign.npz")
    assert not (tmp_path / "run").exists()


def test_a_pickle_in_place_of_a_model_file_is_refused_and_not_run(tmp_path: Path):
    (tmp_path / "model.npz").write_bytes(pickle.dumps(Bomb(tmp_path / "run")))
    with pytest.raises(ValueError, match="pickle"):
        EnquiryModels.load(tmp_path / "model.npz")
    assert not (tmp_path / "run").exists()
