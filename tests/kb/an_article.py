"""An article file as a writer would begin it."""

from pathlib import Path
from typing import Any

import yaml

BODY = """## What to do

1. Open Settings.
2. Choose the [network](/help/wifi-safety).

## Who to ask

Ask staff at your library.
"""

FRONT: dict[str, Any] = {
    "title": "How do I get on the Wi-Fi?",
    "summary": "The Wi-Fi is free. Choose the network and open a web page.",
    "facets": {"cost": "The Wi-Fi is free.", "how": "Choose the network. {{wifi_sign_in}}"},
    "sources": [
        {"title": "GOV.UK", "url": "https://www.gov.uk/local-library-services", "checked": "2026-11-21"},
        {"title": "Libraries Connected", "url": "https://www.librariesconnected.org.uk", "checked": "2026-10-01"},
    ],
    "owner": "Digital inclusion team",
    "review_by": "2027-05-21",
    "related": ["wifi-safety"],
    "actions": ["talk_to_staff"],
}


def write_article(folder: Path, slug: str = "wifi-connect", body: str = BODY, **front: Any) -> Path:
    """Write an article file; None leaves a line of the front matter out."""
    lines = {key: value for key, value in (FRONT | front).items() if value is not None}
    path = folder / f"{slug}.md"
    path.write_text(f"---\n{yaml.safe_dump(lines)}---\n{body}", "utf-8")
    return path
