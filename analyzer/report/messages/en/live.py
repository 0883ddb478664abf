"""English: live captures."""

MESSAGES: dict[str, str] = {
    # What keeps a capture from starting
    "live.not-permitted": "capturing is not allowed here ({words}). Any one of these lines is enough:",
    "live.log-in-again": "usermod takes effect when you log in again.",
    "live.filter": "the filter `{filter}` is refused by libpcap: {words}",
    "live.interface": "cannot capture on {name}: {words} (`ossig live -i list` shows the interfaces)",
    "live.interfaces-together": "cannot capture on {name}: {words} (repeat -i for each interface: `-i eth0 -i lo`; "
    "`ossig live -i list` shows them)",
    "live.remote": "cannot capture on {remote}: {words}",
    "live.not-a-capture": "what comes in is no packet capture: it begins with {magic}. tcpdump writes one with -w -",
    "live.interface-changed": "{name} has become another kind of interface; the capture ends.",
    # What is said about a capture
    "live.drops": "While capturing, the kernel lost {kernel:packet|packets} and the interface {interface}. A larger "
    "buffer (--buffer) or a narrower filter helps.",
    "live.save-failed": "nothing can be saved in {path}: {reason}.",
    "live.saving-ended": "Saving ended early: {reason}. The capture itself went on.",
    "live.not-kept": "The capture files of {count:more finding|more findings} were not kept, because enough are.",
    "live.kept": "{count:capture file holds|capture files hold} findings and {paths} stay.",
    "live.reading": "reading a capture from standard input",
    "live.capturing": "capturing on {name} with {engine}: {filter}",
    "live.learned": "HTTP is seen on another port; from now on: {filter}",
    # The view
    "live.view.counts": "{packets} packets ({rate}/s, {megabytes} MB/s)  {connections} connections  "
    "{exchanges} exchanges",
    "live.view.refused": "{count} refused",
    "live.view.drops": "lost: kernel {kernel}, interface {interface}",
    "live.view.unknown": "told at the end",
    "live.view.waiting": "{megabytes} MB wait to be read",
    "live.view.saving": "saving to {path}, {kept:file|files} kept",
    "live.view.ports": "tcp port {ports}",
    "live.view.causes": "Refused because of",
    "live.view.last": "Last findings",
    "live.view.end": "Ctrl-C ends the capture and shows the report.",
    "live.interface.up": "up",
    "live.interface.down": "down",
}
