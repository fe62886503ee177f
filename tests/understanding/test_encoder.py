import numpy as np
import pytest

from understanding import universal
from understanding.encoder import DIMENSIONS, bulk_encoder, encoder


def test_a_sentence_is_a_unit_vector():
    vectors = encoder().encode(["Is the Wi-Fi safe?", "hello", "Where can I print?"])
    assert vectors.shape == (3, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_sentences_of_like_meaning_are_nearer_than_others():
    asked, alike, other = encoder().encode(["How do I print a document?", "Where can I get a page printed?", "My bus was late again"])
    assert asked @ alike > asked @ other + 0.2


def test_each_row_is_the_vector_of_its_own_text():
    """Texts are sorted by length to be encoded; the rows must not be."""
    texts = [
        "a much longer sentence about computers, printing and the opening hours of libraries",
        "hi",
        "Is it safe?",
        "can I join the library online",
    ]
    alone = np.vstack([encoder().encode([text]) for text in texts])
    assert encoder().encode(texts) == pytest.approx(alone, abs=0.02)
    assert bulk_encoder().encode(texts) == pytest.approx(alone, abs=0.02)


def test_more_texts_than_fit_one_batch_are_all_encoded():
    vectors = encoder().encode([f"question number {n}" for n in range(150)])
    assert vectors.shape == (150, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_are_no_rows():
    assert encoder().encode([]).shape == (0, DIMENSIONS)


@pytest.mark.parametrize(
    "text",
    ["", " ", "🙂", "x" * 2000, "word " * 400, "Où est la bibliothèque ؟ 图书馆"],
    ids=["empty", "space", "emoji", "one word", "long", "languages"],
)
def test_whatever_is_typed_has_a_vector(text: str):
    assert np.isfinite(encoder().encode([text])).all()


def test_the_universal_encoder_knows_the_same_question_in_another_language():
    asked, spanish, other = universal.encoder().encode(["Where can I print?", "¿Dónde puedo imprimir?", "My bus was late again"])
    assert asked.shape == (universal.DIMENSIONS,)
    assert asked @ spanish > asked @ other
    assert universal.encoder().encode([]).shape == (0, universal.DIMENSIONS)
