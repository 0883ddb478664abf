"""English: why an HTTPS connection could not be opened, and what to do about it."""

MESSAGES: dict[str, str] = {
    "tls.closed": (
        "{count:encrypted connection (TLS)|encrypted connections (TLS)} could not be read, or not as a whole."
    ),
    "tls.closed-alike": ("The same holds for {count:further connection|further connections} to {server}."),
    "tls.closed-others": "Not told one by one: {count:further encrypted connection|further encrypted connections}.",
    # Nothing opened
    "tls.keylog-missing": (
        "The connection to {server} at {time} is encrypted, and no key log was given. What was sent and answered "
        "cannot be read."
    ),
    "tls.keylog-holds-nothing": (
        "The connection to {server} at {time} is encrypted, and the key log holds no usable line."
    ),
    "tls.no-key": (
        "The key log ({sessions:session|sessions}) has no line for the connection to {server} at {time}: client "
        "random {random}… is not in it. Another program or an earlier run wrote the log (an `SSLKEYLOGFILE` left in "
        "the environment counts as one), or a proxy ends TLS between the client and the place of the capture: then "
        "each side has keys of its own."
    ),
    "tls.key-does-not-fit": (
        "The key log has a line for client random {random}…, but its secret opens no record of the connection to "
        "{server} at {time}. The line is damaged or incomplete."
    ),
    "tls.secrets-missing": (
        "The key log names the connection to {server} at {time}, but lacks secrets that its TLS version needs: "
        "`CLIENT_RANDOM` up to TLS 1.2, the `TRAFFIC_SECRET` lines of both directions for TLS 1.3."
    ),
    "tls.handshake-secrets-only": (
        "Of the connection to {server} at {time} the key log has only the handshake secrets, not those of the data. "
        "That is what a client leaves behind that stopped during the handshake, or a log copied too early."
    ),
    "tls.handshake-not-captured": (
        "The connection to {server} (TLS, first packet {time}) was already running when the capture began. Without its "
        "first message (ClientHello) no key can be looked up."
    ),
    "tls.handshake-hole": (
        "Packets of the TLS handshake with {server} ({time}) are missing in the capture, so its keys cannot be looked "
        "up."
    ),
    "tls.no-answer": "The server's answer (ServerHello) to the connection to {server} at {time} is not in the capture.",
    "tls.version-unsupported": (
        "The connection to {server} at {time} speaks {version}, which cannot be decrypted here. TLS 1.0 to 1.3 can."
    ),
    "tls.suite-unsupported": (
        "The connection to {server} at {time} uses the cipher suite {suite}, which cannot be decrypted here."
    ),
    "tls.compression": (
        "The connection to {server} at {time} uses TLS compression (method {method}), which cannot be undone here."
    ),
    "tls.renegotiated-without-key": (
        "Client and server negotiated new keys in mid-connection ({server}, {time}), and the key log does not have "
        "them. What came after cannot be read."
    ),
    "tls.lost-track": (
        "So much of the encrypted connection to {server} at {time} is missing that its place could not be found again."
    ),
    "tls.key-too-far": (
        "The keys of the connection to {server} at {time} were not in the capture up to here, and no more of it could "
        "be held back to wait for them."
    ),
    # What to do
    "tls.remedy-write-keylog": (
        "Start the capture, run the program once more so that it writes its session keys, then give both to ossig:"
    ),
    "tls.remedy-line-client": "`SSLKEYLOGFILE=keys.log python app.py`",
    "tls.remedy-line-ossig": "`ossig capture.pcap --keylog keys.log`",
    "tls.remedy-clients": (
        "oss2, requests, urllib3, httpx and curl honour the variable; a bare `ssl.SSLContext` needs "
        '`context.keylog_filename = "keys.log"`. Node: `NODE_OPTIONS=--tls-keylog=keys.log node app.js`. Go: '
        "`tls.Config.KeyLogWriter`, set in the code. Java needs an agent. Where none of this can be done, repeat "
        "the request against the `http://` endpoint, if that is allowed: the signature is made in the same way."
    ),
    "tls.remedy-start-earlier": "Start the capture first and the program after it: the first packets are needed.",
    "tls.remedy-hole": (
        "Capture again with a larger buffer (`tcpdump -B 65536 -s 0 -w capture.pcap`), near the client, and with a "
        "filter for its host."
    ),
    "tls.remedy-key-too-far": (
        "Put the key log before the packets: `editcap --inject-secrets tls,keys.log capture.pcapng with-keys.pcapng`, "
        "or give it with `--keylog`. A file that is read from disk, uncompressed, is searched as a whole."
    ),
    "tls.remedy-certificate": "Repair the handshake first; most often the client does not trust the certificate.",
    "tls.remedy-suite": "Have the client offer a common suite, such as AES-GCM over TLS 1.2 or 1.3, and capture again.",
    # Remarks
    "tls.decrypted": "Sent encrypted ({version}, {suite}) and opened with the client's session keys.",
    "tls.keylog-empty": "The key log holds no usable line.",
    "tls.keylog-lines-skipped": (
        "{count:line|lines} of the key log left out because unreadable ({sessions:session|sessions} read)."
    ),
    "tls.http2": (
        "The connection to {server} at {time} speaks HTTP/2. OSS speaks HTTP/1.1, and so does ossig: the requests in "
        "it are not analysed."
    ),
    "tls.early-data-closed": (
        "To {server} at {time} the client sent early data (0-RTT), and the key log lacks "
        "`CLIENT_EARLY_TRAFFIC_SECRET`: its first request cannot be read."
    ),
    "tls.records-lost": "{count:encrypted record|encrypted records} could not be read: the capture is incomplete.",
    "tls.overlap": (
        "{count:stretch|stretches} of encrypted bytes came twice with different content; the first sighting counts."
    ),
    "tls.certificate-refused": (
        "The client refused the certificate that {server} showed at {time} (alert {alert}), so no request was sent. "
        "Does a proxy on the way present a certificate of its own?"
    ),
    "tls.certificate-refused-issuer": (
        "The client refused the certificate that {server} showed at {time} (alert {alert}), so no request was sent. It "
        "was issued by {issuer}: if that is not the authority of the real server, a proxy on the way ends TLS and "
        "presents a certificate of its own."
    ),
    "tls.alert-from-client": "The client ended the encrypted connection to {server} at {time} with the alert {alert}.",
    "tls.alert-from-server": "The server ended the encrypted connection to {server} at {time} with the alert {alert}.",
    "tls.remarks-others": "{count:further remark|further remarks} of this kind left out.",
}
