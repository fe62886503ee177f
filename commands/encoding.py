"""The multilingual vectors that training needs, encoded on one core while Rasa learns English on the other."""

from kb.examples import load_examples
from understanding import multilingual
from understanding.enquiries import leanings
from understanding.safety import chosen_for_other_languages


def main() -> None:
    """Put them into the store of vectors, where the training finds them."""
    examples = load_examples()
    chosen = chosen_for_other_languages([example.label for example in examples])
    multilingual.vectors_of_examples([examples[n].text for n in chosen])
    leanings()


if __name__ == "__main__":
    main()
