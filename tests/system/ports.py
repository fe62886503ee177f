"""Where the machine listens, as Linux tells it."""

import socket
from pathlib import Path

_LISTEN = "0A"


def addresses_listening_on(port: int) -> set[str]:
    """Return the addresses, of IPv4 and IPv6, on which some process takes connections to a port."""
    return {
        _address(host)
        for table in ("tcp", "tcp6")
        for _, local, _, state, *_ in (line.split() for line in Path("/proc/net", table).read_text().splitlines()[1:])
        for host, _, number in [local.partition(":")]
        if state == _LISTEN and int(number, 16) == port
    }


def _address(words: str) -> str:
    """Return an address that the kernel wrote as little-endian words of 32 bits."""
    parts = (bytes.fromhex(words[at : at + 8])[::-1] for at in range(0, len(words), 8))
    packed = b"".join(parts)
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
