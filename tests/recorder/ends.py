"""How a connection ends when nobody says goodbye."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress


def hang_up(end: socket.socket) -> None:
    """Close so that the peer gets a RST instead of a FIN."""
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RD)
    end.close()
