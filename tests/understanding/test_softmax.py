import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from understanding.softmax import Features, fit, softmax


@pytest.fixture
def features() -> Features:
    """Sixty points of three kinds, told apart by both halves of their features."""
    chance = np.random.default_rng(0)
    dense = chance.normal(size=(60, 4)).astype(np.float32)
    dense[np.arange(60), np.arange(60) % 3] += 1.5
    return Features(dense, sp.csr_matrix((chance.random((60, 6)) > 0.7).astype(np.float32)))


LABELS = np.arange(60) % 3


def test_chances_add_up_to_one():
    chances = softmax(np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], np.float32))
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[0].argmax() == 2
    assert chances[1] == pytest.approx(1 / 3)


def test_great_scores_do_not_overflow():
    chances = softmax(np.array([[1000.0, 0.0], [-1000.0, 0.0]], np.float32))
    assert chances == pytest.approx(np.array([[1, 0], [0, 1]]))


@pytest.mark.parametrize("inverse_regularisation", [0.1, 1.0, 20.0])
def test_it_finds_what_scikit_learn_finds(features: Features, inverse_regularisation: float):
    ours = softmax(fit(features, LABELS, 3, inverse_regularisation, 200).scores(features))
    both = np.hstack([features.dense, features.sparse.toarray()])
    theirs = LogisticRegression(C=inverse_regularisation, max_iter=1000).fit(both, LABELS).predict_proba(both)
    assert ours == pytest.approx(theirs, abs=0.02)


def test_weaker_regularisation_fits_closer(features: Features):
    def loss(inverse_regularisation: float) -> float:
        chances = softmax(fit(features, LABELS, 3, inverse_regularisation, 200).scores(features))
        return float(-np.log(chances[np.arange(60), LABELS]).mean())

    assert loss(100.0) < loss(1.0) < loss(0.01)


def test_a_label_without_examples_is_unlikely(features: Features):
    chances = softmax(fit(features, LABELS, 4, 1.0, 200).scores(features))
    assert chances[:, 3].max() < 0.1
