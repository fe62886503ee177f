"""Making the database ready before the desk starts. Imports little: a prepared desk must answer within three seconds."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _var() -> Path:
    return Path(os.environ.get("DESK_VAR", ROOT / "var"))


def _service_file() -> Path:
    return Path(os.environ.get("DESK_SERVICE_FILE", ROOT / "service.yml"))


def _digest() -> str:
    """Return a digest of what the database is made from."""
    digest = hashlib.sha256("\n".join(os.environ.get(name, "") for name in ("DESK_DATABASE_URL", "DESK_NOW")).encode())
    for path in [*sorted((ROOT / "migrations" / "versions").glob("*.py")), _service_file(), *sorted((ROOT / "data").glob("*.csv"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _database_is_there() -> bool:
    url = os.environ.get("DESK_DATABASE_URL", f"sqlite:///{_var() / 'desk.db'}")
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def prepare() -> None:
    """Migrate the database and load the service's libraries and sessions, unless that was done for just these files. Raises CalledProcessError."""
    mark = _var() / "prepared" / _digest()
    if mark.exists() and _database_is_there():
        return
    print("preparing the database ...", flush=True)
    mark.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "commands.main", "migrate"], cwd=ROOT, check=True)
    # A bad row of a file is named and does not keep the desk from starting.
    for what in ("libraries", "sessions"):
        subprocess.run([sys.executable, "-m", "commands.main", what, "load"], cwd=ROOT, check=False)
    mark.touch()
