"""English: what reading captures has to say."""

MESSAGES = {
    # Nothing can be read
    "capture.nothing-given": "No capture file was given.",
    "capture.no-stdin": "Standard input (-) was asked for, but there is none here.",
    "capture.not-there": "{path}: no such file.",
    "capture.no-permission": "{path}: permission denied. Captures made with sudo often belong to root (ls -l).",
    "capture.is-directory": "{path} is a directory.",
    "capture.cannot-open": "{path}: cannot be opened ({reason}).",
    "capture.empty": "{path} is empty (0 bytes). Was the capturing program stopped before it wrote anything?",
    "capture.unknown-format": (
        "{path} is not a packet capture: at byte {offset} stands {magic}, and neither pcap nor pcapng begins so."
    ),
    "capture.is-text": "{path} is text, not a packet capture: `ossig explain {path}` reads error answers, exceptions "
    "and logs.",
    "capture.directory-empty": "{path}: the directory is empty.",
    "capture.other-format": (
        "{path} is {format}, not pcap or pcapng (byte {offset}: {magic}). If it holds packets, convert or unpack it "
        "first, for example with: editcap -F pcap INPUT OUTPUT"
    ),
    "capture.corrupt-start": "{path}: the compressed data are damaged from the start.",
    "capture.directory-without-captures": "{path}: none of the {files} files in this directory is a packet capture.",
    "capture.no-match": "{path}: no file matches this pattern.",
    "capture.changed": "{path} was replaced while the other files were being read, and is no capture any more.",
    # The file ends early
    "capture.cut": (
        "The file ends inside a record: frame {frame}, byte {offset}, only {bytes} bytes of it are there. Everything "
        "before it was read. This is normal for a file that is still being written, or a capture that was killed."
    ),
    "capture.corrupt": (
        "The compressed data are damaged or cut short: reading ended after {offset} decompressed bytes, before "
        "frame {frame}. Everything before that was read."
    ),
    "capture.bad-record": (
        "Frame {frame} at byte {offset} claims {length} bytes, which cannot be: the file is damaged there. Everything "
        "before it was read, nothing behind it."
    ),
    "capture.bad-section": "At byte {offset} a section begins whose byte order cannot be told. Reading ended there.",
    "capture.read-error": "Reading failed at byte {offset}. Everything before it was read.",
    # The file was read, but
    "capture.no-packets": "The capture holds no packets.",
    "capture.unknown-link-type": (
        "{packets} packets have link type {name} (number {number}), in which this program cannot find TCP. Capture on "
        "the network interface itself, or convert the file to Ethernet or raw IP."
    ),
    "capture.packets-without-interface": (
        "{count} packets name an interface that the file does not describe. They were left out."
    ),
    "capture.snapped": (
        "{packets} packets were cut by the snap length, so bytes are missing. Capture whole packets with: tcpdump -s 0"
    ),
    "capture.drops": (
        "The capturing side lost {packets} packets. Give it a larger buffer (tcpdump -B 65536) or a narrower filter."
    ),
    "capture.fragments-missing": "{packets} fragmented IP packets never became complete, so their data are missing.",
    "capture.fragments-conflict": (
        "{overlaps} IP fragments overlap others with different bytes. The bytes that stand first were taken."
    ),
    "capture.too-many-addresses": (
        "The capture has more IPv6 addresses than this program keeps apart; {packets} times an address was refused and "
        "its packet left out. Narrow the capture with a filter."
    ),
}
