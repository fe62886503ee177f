"""The multilingual vectors that training needs, encoded on one core while Rasa learns English on the other."""

from kb.examples import load_examples
from kb.safety_examples import load_safety_examples
from understanding import multilingual
from understanding.enquiries import leanings
from understanding.languages import ENGLISH
from understanding.safety import chosen_for_other_languages, english_examples


def main() -> None:
    """Put them into the store of vectors, where the training finds them."""
    more = load_safety_examples()
    texts, labels = english_examples(load_examples(), more)
    elsewhere = [example.text for example in more if example.language != ENGLISH]
    multilingual.vectors_of_examples([*(texts[n] for n in chosen_for_other_languages(labels)), *elsewhere])
    leanings()


if __name__ == "__main__":
    main()
