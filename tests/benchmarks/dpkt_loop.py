"""What one would write with dpkt in an afternoon: every packet parsed, streams put together in memory, 403 counted.

``python -m tests.benchmarks.dpkt_loop FILE`` prints how many answers have the status 403. It is measured against, and
is no model: it keeps whole streams, sorts segments by number without wrap-around, and believes every body.
"""

from __future__ import annotations

import sys

import dpkt


def main(path: str) -> None:
    """Count the refused requests of one capture."""
    streams: dict[tuple[bytes, int, bytes, int], dict[int, bytes]] = {}
    with open(path, "rb") as file:
        for _, data in dpkt.pcap.Reader(file):
            ip = dpkt.ethernet.Ethernet(data).data
            if not isinstance(ip, dpkt.ip.IP) or not isinstance(ip.data, dpkt.tcp.TCP):
                continue
            tcp = ip.data
            if tcp.data:
                streams.setdefault((ip.src, tcp.sport, ip.dst, tcp.dport), {}).setdefault(tcp.seq, bytes(tcp.data))
    refused = 0
    for (_, port, _, _), segments in streams.items():
        if port == 80:
            refused += b"".join(segments[seq] for seq in sorted(segments)).count(b"HTTP/1.1 403 ")
    print(refused)


if __name__ == "__main__":
    main(sys.argv[1])
