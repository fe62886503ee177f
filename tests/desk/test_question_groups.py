"""Questions in groups of much the same."""

import numpy as np

from desk.question_groups import Vectors, groups_of, likeness


def vectors(*rows: tuple[float, ...]) -> Vectors:
    return np.array(rows, np.float32)


def test_much_the_same_questions_are_one_group_and_the_largest_comes_first() -> None:
    printing, wifi = (1.0, 0.1, 0.0), (0.0, 0.1, 1.0)
    assert groups_of(vectors(wifi, printing, (0.9, 0.2, 0.0), (1.0, 0.0, 0.1))) == [[1, 2, 3], [0]]


def test_a_chain_of_likeness_does_not_join_what_is_unlike() -> None:
    degrees = [np.deg2rad(angle) for angle in (0, 50, 100, 150)]
    groups = groups_of(vectors(*((float(np.cos(a)), float(np.sin(a))) for a in degrees)))
    assert all(max(group) - min(group) <= 1 for group in groups)


def test_how_long_a_vector_is_does_not_matter() -> None:
    assert groups_of(vectors((1.0, 0.0), (7.0, 0.0))) == [[0, 1]]


def test_one_question_or_none() -> None:
    assert groups_of(vectors((1.0, 0.0))) == [[0]]
    assert groups_of(np.zeros((0, 2), np.float32)) == []


def test_an_empty_vector_is_like_nothing() -> None:
    assert groups_of(vectors((0.0, 0.0), (1.0, 0.0))) == [[0], [1]]
    assert likeness(*vectors((0.0, 0.0), (1.0, 0.0))) == 0.0


def test_vectors_of_different_encoders_are_never_alike() -> None:
    assert likeness(np.ones(2, np.float32), np.ones(3, np.float32)) == 0.0
