"""Training the stand-in, in a process of its own beside Rasa's training."""

import os
import sys
from pathlib import Path

from kb.examples import load_examples
from understanding.stand_in import StandIn


def main(target: Path) -> None:
    examples = load_examples()
    stand_in = StandIn.train([example.text for example in examples], [example.label for example in examples])
    draft = target.with_name("draft-" + target.name)
    stand_in.save(draft)
    os.replace(draft, target)
    print(f"  the stand-in has learnt {len(examples)} examples", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
