"""Where the machine listens and what waits there, as Linux tells it."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ESTABLISHED, _LISTEN = "01", "0A"


@dataclass(frozen=True)
class Socket:
    """One socket of this machine. `unread` are the bytes that its process has not read yet."""

    address: str
    port: int
    state: str
    unread: int


def addresses_listening_on(port: int) -> set[str]:
    """Return the addresses, of IPv4 and IPv6, on which some process takes connections to a port."""
    return {found.address for found in _sockets() if found.port == port and found.state == _LISTEN}


def is_kept_waiting(port: int) -> bool:
    """Whether somebody has sent something to a port that was not read yet."""
    return any(found.unread for found in _sockets() if found.port == port and found.state == _ESTABLISHED)


def _sockets() -> Iterator[Socket]:
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            _, local, _, state, queues, *_ = line.split()
            host, _, port = local.partition(":")
            yield Socket(_address(host), int(port, 16), state, int(queues.partition(":")[2], 16))


def _address(words: str) -> str:
    """Return an address that the kernel wrote as little-endian words of 32 bits."""
    packed = b"".join(bytes.fromhex(words[at : at + 8])[::-1] for at in range(0, len(words), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
