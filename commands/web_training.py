"""What web itself understands with: the safety screen, trained here, and the assistant's own model, taken out of Rasa's archive."""

import sys
import tarfile
from pathlib import Path

from kb.examples import load_examples
from kb.safety_examples import load_safety_examples
from understanding.safety import LearnedScreen

STAND_IN, SAFETY = "stand-in.npz", "safety.npz"
_MODEL_IN_ARCHIVE = "enquiries.npz"


def main(archive: Path) -> None:
    """Write both beside the archive; each is moved to its place when it is whole, so that web never reads half a file."""
    screen = LearnedScreen.train(load_examples(), load_safety_examples())
    draft = archive.with_name("draft-" + SAFETY)
    screen.save(draft)
    draft.replace(archive.with_name(SAFETY))
    _take_out(archive, archive.with_name(STAND_IN))


def _take_out(archive: Path, target: Path) -> None:
    with tarfile.open(archive) as parts:
        member = next(m for m in parts.getmembers() if m.name.endswith("/" + _MODEL_IN_ARCHIVE))
        file = parts.extractfile(member)
        assert file is not None
        draft = target.with_name("draft-" + target.name)
        draft.write_bytes(file.read())
        draft.replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
