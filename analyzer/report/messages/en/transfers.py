"""English: multipart uploads, what went wrong on the way, and who was slow."""

MESSAGES = {
    "transfers.title": "ossig: transfers",
    "transfers.operation.put": "put",
    "transfers.operation.part": "part {part}",
    "transfers.operation.post": "post",
    "transfers.operation.append": "append",
    "transfers.operation.get": "get",
    "transfers.local": "Not redacted: names and values stand here as they were on the wire. `--redact` changes that.",
    "transfers.verdict.wrong": "{count:thing is|things are} wrong in {transfers:transfer|transfers} and "
    "{uploads:multipart upload|multipart uploads}.",
    "transfers.verdict.fine": "Nothing wrong in {transfers:transfer|transfers} and "
    "{uploads:multipart upload|multipart uploads}.",
    "transfers.verdict.incomplete": "Nothing wrong in {transfers:transfer|transfers} and "
    "{uploads:multipart upload|multipart uploads}, but not everything could be seen.",
    "transfers.verdict.nothing": "No transfer to or from OSS in {exchanges:HTTP exchange|HTTP exchanges}.",
    "transfers.checks-off": "Checksums were not compared (`--no-checks`).",
    "transfers.limit.transfers": "{count:more transfer is|more transfers are} counted only.",
    "transfers.limit.connections": "{count:more connection is|more connections are} left out.",
    "transfers.more-like-this": "… and {count} more like this.",
    "transfers.more-rows": "… and {count:more row|more rows}; `--format json` has all.",
    "transfers.columns-left-out": "Left out, as the terminal is narrow: {names}.",
    "transfers.more-uploads": "… and {count:more upload|more uploads}; `--format json` has all.",
    # headings and labels
    "transfers.heading.uploads": "Multipart uploads",
    "transfers.heading.programs": "Speed by program",
    "transfers.heading.transfers": "Transfers",
    "transfers.heading.connections": "Connections",
    "transfers.heading.names": "Name look-ups",
    "transfers.label.object": "object",
    "transfers.label.state": "state",
    "transfers.label.parts": "parts",
    "transfers.label.checks": "checksums",
    "transfers.label.program": "program",
    "transfers.label.request-ids": "request ids",
    "transfers.label.part": "part",
    "transfers.label.size": "size",
    "transfers.label.attempts": "tries",
    "transfers.label.status": "answer",
    "transfers.label.etag": "ETag",
    "transfers.label.crc": "CRC-64",
    "transfers.label.listed": "completion",
    "transfers.label.count": "n",
    "transfers.label.rate": "rate",
    "transfers.label.parallel": "parallel",
    "transfers.label.rtt": "RTT",
    "transfers.label.again": "resent",
    "transfers.label.waited": "waited for",
    "transfers.label.number": "#",
    "transfers.label.operation": "what",
    "transfers.label.over-time": "over time",
    "transfers.label.stream": "TCP",
    "transfers.label.server": "server",
    "transfers.label.sent": "sent",
    "transfers.label.received": "received",
    "transfers.label.window": "window",
    "transfers.label.shut": "closed",
    "transfers.label.near": "seen at",
    "transfers.label.name": "name",
    "transfers.label.asked": "asked",
    "transfers.label.answered": "answered",
    "transfers.label.slowest": "slowest",
    "transfers.label.addresses": "addresses",
    "transfers.parts": "{sent} sent, {answered} answered ({bytes}), {retries:retry|retries}",
    "transfers.state.completed": "completed",
    "transfers.state.aborted": "aborted; its parts are gone",
    "transfers.state.fragments": "left as fragments: neither completed nor aborted in this capture",
    "transfers.state.uncertain": "completion or abort was asked for; its answer is not in the capture",
    "transfers.state.gone": "the server does not know this upload (any more)",
    "transfers.state.empty": "begun, no part is stored",
    "transfers.state.unseen": "its parts are not in this capture",
    "transfers.check.equal": "equal",
    "transfers.check.differs": "DIFFERS",
    "transfers.check.not-sent": "none sent",
    "transfers.check.not-made": "not checked",
    "transfers.check.whole": "whole object: {verdict}",
    "transfers.check.count": "{count} {verdict}",
    "transfers.listed.yes": "listed",
    "transfers.listed.no": "other ETag",
    "transfers.listed.unknown": "-",
    "transfers.unchecked.off": "Checksums were not compared: `--no-checks`.",
    "transfers.unchecked.missing": "A checksum could not be compared: {missing:byte of the body is|bytes of the body "
    "are} not in the capture.",
    "transfers.unchecked.doubt": "A checksum was not compared: the answer may be another request's, or bytes came "
    "twice with different contents.",
    "transfers.unchecked.unclaimed": "A checksum was not compared: the body is large and the answer carries no CRC-64.",
    "transfers.slow.client": "client",
    "transfers.slow.server": "server",
    "transfers.slow.window": "window",
    "transfers.slow.network": "network",
    "transfers.slow.loss": "loss",
    "transfers.slow.nobody": "nobody",
    "transfers.slow.unknown": "-",
    "transfers.near.client": "client",
    "transfers.near.server": "server",
    "transfers.near.between": "between",
    "transfers.near.unknown": "-",
    "transfers.plot.connection": "TCP stream {stream}, not read",
    "transfers.plot.title": "Throughput over time",
    "transfers.plot.description": "{count:lane|lanes} over {time}; a full one is {rate}.",
    "transfers.plot.key": (
        "Behind each name: whom the transfer waited for most, and for what part of its time. Area: new bytes. Thick "
        "line: waiting for the server's answer. Ticks below: bytes sent again. A transfer that failed has a red base "
        "line."
    ),
    # what went wrong
    "transfers.checksum.title": "What the server stored is not what the capture shows",
    "transfers.checksum.etag": "The answer in frame {frame} has ETag {told}; the captured body has MD5 {sent}.",
    "transfers.checksum.crc": "The answer in frame {frame} has CRC-64 {told}; the captured body has {sent}.",
    "transfers.checksum.whole": "The completed object's CRC-64 is not that of its parts put together (upload "
    "{upload}).",
    "transfers.checksum.remedy": "The bytes changed behind the capture point. Upload again over https, and keep the "
    "SDK's CRC check on.",
    "transfers.refused.title": "OSS refused requests",
    "transfers.refused.answer": "{count:answer|answers} {status} {code}.",
    "transfers.refused.remedy": "Put right what the error code names; trying again unchanged does not help.",
    "transfers.refused.signature": "Run `ossig` on the same capture: it explains refused signatures.",
    "transfers.dns.title": "The name of OSS could not be resolved, or only slowly",
    "transfers.dns.failed": "{name} was answered with {code}.",
    "transfers.dns.silent": "{name} was asked for {count:time|times} and never answered.",
    "transfers.dns.slow": "{name} took {seconds} s to be answered.",
    "transfers.dns.remedy": "Check the endpoint's spelling and the DNS server of this machine; inside Alibaba Cloud "
    "use the internal endpoint with the DNS servers of the VPC.",
    "transfers.connect-failed.title": "No connection to OSS came about",
    "transfers.connect-failed.refused": "{server}, port {port}, refused the connection (RST).",
    "transfers.connect-failed.silent": "{server}, port {port}, did not answer {count:SYN|SYNs} within {seconds} s.",
    "transfers.connect-failed.remedy": "A firewall or security group is in the way, or the address is wrong. Internal "
    "endpoints can only be reached from the same region of Alibaba Cloud.",
    "transfers.tls.title": "TLS did not come about, or was broken off",
    "transfers.tls.unanswered": "{server} answered nothing to the TLS handshake (TCP stream {stream}).",
    "transfers.tls.remedy": "Look for something between that inspects TLS, for an old TLS library, and for the "
    "client's clock and certificates.",
    "transfers.cors.title": "The browser's cross-origin request is not allowed (CORS)",
    "transfers.cors.refused": "The preflight from {origin} was answered with {status} {code}.",
    "transfers.cors.no-origin": "The preflight's answer has no `Access-Control-Allow-Origin` for {origin}.",
    "transfers.cors.no-method": "The preflight's answer does not allow the method {method} "
    "(`Access-Control-Allow-Methods`).",
    "transfers.cors.no-headers": "The preflight's answer does not allow {headers} (`Access-Control-Allow-Headers`).",
    "transfers.cors.answer-no-origin": "An answer ({status}) to {origin} has no `Access-Control-Allow-Origin` for it: "
    "the browser hides it from the page.",
    "transfers.cors.etag-hidden": "The answers to parts do not expose ETag (`Access-Control-Expose-Headers`): the page "
    "cannot complete a multipart upload.",
    "transfers.cors.remedy": "Set a CORS rule on the bucket that allows this origin, its methods and headers, and "
    "exposes ETag and x-oss-request-id.",
    "transfers.time-out.title": "A request timed out",
    "transfers.time-out.said": "The server says so: {code} (frame {frame}).",
    "transfers.time-out.open": "The request that ends in frame {frame} was still unanswered {seconds} s later, at the "
    "end of the capture.",
    "transfers.time-out.gave-up": "The client sent everything, waited {seconds} s and hung up (frame {frame}).",
    "transfers.time-out.remedy": "Transfer resumably, in parts that a slow line can send well within the time-out, and "
    "try failed parts again.",
    "transfers.reset.title": "A connection was reset in the middle of a transfer",
    "transfers.reset.by-client": "The client reset it (frame {frame}) after {size} of {declared} bytes, {seconds} s "
    "into the transfer.",
    "transfers.reset.by-server": "The server's side reset it (frame {frame}) after {size} of {declared} bytes, "
    "{seconds} s into the transfer.",
    "transfers.reset.remedy": "Firewalls, NAT and load balancers reset connections that they have forgotten. Transfer "
    "resumably: only the part under way is lost.",
    "transfers.closed-early.title": "A connection was closed before the body's end",
    "transfers.closed-early.client": "The client closed it (frame {frame}) after {size} of {declared} bytes.",
    "transfers.closed-early.server": "The server closed it (frame {frame}) after {size} of {declared} bytes.",
    "transfers.closed-early.remedy": "Check that Content-Length is the size of what is really sent, and that nothing "
    "closes the file or stream early.",
    "transfers.client.title": "The uploading program is slower than the network",
    "transfers.client.idle": "Transfer {number} ({client}, {rate} MB/s): for {percent} % of its time, {seconds} s, the "
    "client had room to send and nothing to send.",
    "transfers.client.remedy": "Find what the program does between its writes: reading, compressing, encrypting, "
    "checksums, or too few threads.",
    "transfers.crcmod.title": "The Python SDK is slower than the network; typical of crcmod without its C extension",
    "transfers.crcmod.other-speed": "The rate is not that of checksums in pure Python (about 5 to 20 MB/s); the "
    "program may be slow for another reason.",
    "transfers.crcmod.remedy": "See whether crcmod's C extension is in use; without it every byte is checked in pure "
    "Python. `ossig doctor` measures it.",
    "transfers.stalled.title": "The receiver stopped taking bytes",
    "transfers.stalled.server": "The upload waited {seconds} s for room in the server's window (at least {window:byte|"
    "bytes}).",
    "transfers.stalled.client": "The download waited {seconds} s for room in the client's window (at least {window:"
    "byte|bytes}).",
    "transfers.stalled.client-closed": "The client's window was closed for {seconds} s ({count:segment|segments} with "
    "window 0).",
    "transfers.stalled.server-closed": "The server's window was closed for {seconds} s ({count:segment|segments} with "
    "window 0).",
    "transfers.stalled.remedy": "A receiver that takes nothing is busy or stuck: on a download look at what the "
    "program does with the bytes; on an upload tell the ticket these frames and request ids.",
    "transfers.server.title": "The server took long to answer",
    "transfers.server.thought": "Transfer {number}: {seconds} s between the request's last byte and the answer's "
    "first, a round trip taken off.",
    "transfers.server.remedy": "Send the request ids with the ticket. Completing an upload of many parts and callbacks "
    "take time by themselves.",
    "transfers.storm.title": "So many segments were lost that they were sent again and again",
    "transfers.storm.up": "TCP stream {stream}, to the server: {again} of {segments} segments were sent again "
    "({percent} %), one of them {row:time|times} in a row.",
    "transfers.storm.down": "TCP stream {stream}, to the client: {again} of {segments} segments were sent again "
    "({percent} %), one of them {row:time|times} in a row.",
    "transfers.storm.remedy": "Look for a bad line, a full link, or packets that are too large for a tunnel (MTU). "
    "Transfer acceleration and smaller parts lessen the harm; resumable transfers lose only the part under way.",
    "transfers.proxy.title": "A proxy or CDN stands between the client and OSS",
    "transfers.proxy.header": "{header}: {value}, in {count:answer|answers}.",
    "transfers.proxy.no-request-id": "{count} of {answers:answer|answers} carry no x-oss-request-id: they need not "
    "come from OSS.",
    "transfers.proxy.remedy": "Try once without it. Where it must stay, it has to pass headers and bodies unchanged "
    "and must not buffer or cut uploads.",
    "transfers.fragments.title": "Parts were left behind as fragments, which are charged",
    "transfers.fragments.left": "Upload {upload}: {parts:part|parts}, {bytes:byte|bytes}.",
    "transfers.fragments.later": "It may have been completed or aborted after the capture.",
    "transfers.fragments.remedy": "List what is unfinished and abort what nobody will complete; a lifecycle rule can "
    "do so by itself after some days.",
}
