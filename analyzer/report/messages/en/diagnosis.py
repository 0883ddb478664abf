"""English: facts that hold without a secret."""

MESSAGES = {
    "diagnosis.echo-same": (
        "The signature that the server echoes is the one sent: the signature was not altered on the way."
    ),
    "diagnosis.echo-differs": "The server echoes the signature {echoed}, but {sent} was sent.",
    "diagnosis.nothing-changed": (
        "The string rebuilt from the capture equals the server's, byte for byte: nothing that is signed changed after "
        "the capture point."
    ),
    "diagnosis.nothing-changed-by-hash": (
        "The hash of the rebuilt canonical request equals the server's: nothing that is signed changed after the "
        "capture point."
    ),
    "diagnosis.texts-differ": ("The string rebuilt from the capture and the server's differ in {fields:field|fields}."),
    "diagnosis.text-contradicts-bytes": (
        "The printed StringToSign and its StringToSignBytes say different things; the bytes are what counts. "
        "Somebody or something edited this answer."
    ),
    "diagnosis.key-works": (
        "At least {successes:signed request|signed requests} of this access key id succeeded in this capture, "
        "{failures} failed: the key works."
    ),
    "diagnosis.key-works-elsewhere": (
        "At least {successes:signed request|signed requests} of this access key id succeeded in this capture, "
        "{failures} failed: the key works. But none of them is from this client (its address and User-Agent), which "
        "may have another secret."
    ),
    "diagnosis.key-works-stated": (
        "A comment of this capture says that at least {successes:signed request|signed requests} of this access key id "
        "succeeded; {failures} failed: the key works."
    ),
    "diagnosis.key-works-stated-elsewhere": (
        "A comment of this capture says that at least {successes:signed request|signed requests} of this access key id "
        "succeeded; {failures} failed: the key works. But none of them is said to be from this client (its address and "
        "User-Agent), which may have another secret."
    ),
    "diagnosis.apart-from-success": "What this request has and the nearest success has not: {traits}.",
    "diagnosis.secret-verified": "The secret given signs another request of this access key id that succeeded.",
    "diagnosis.secret-does-not-verify": (
        "The secret given does not sign another request of this access key id that did succeed: it is not the secret "
        "that was used there."
    ),
    "diagnosis.same-signature": "The same signature was on a {method} request before (answered with {status}).",
    "diagnosis.md5-wrong": "`Content-MD5` is not the MD5 of the body in the capture.",
    "diagnosis.md5-right": "`Content-MD5` is the MD5 of the body.",
    "diagnosis.md5-malformed": "`Content-MD5` is not base64 of 16 bytes.",
    "diagnosis.crc64-wrong": "`x-oss-hash-crc64ecma` is not the CRC-64 of the body in the capture.",
    "diagnosis.crc64-right": "`x-oss-hash-crc64ecma` is the CRC-64 of the body.",
    "diagnosis.sha256-wrong": "`x-amz-content-sha256` is not the SHA-256 of the body in the capture.",
    "diagnosis.sha256-right": "`x-amz-content-sha256` is the SHA-256 of the body.",
    "diagnosis.clocks-agree": (
        "The clocks of client and server are {seconds:second|seconds} apart, within the 15 minutes allowed."
    ),
    "diagnosis.clocks-apart": (
        "The clocks of client and server are {minutes} minutes apart, more than the 15 minutes allowed."
    ),
    "diagnosis.proxy-trace": "A proxy left its trace: {header}: {value}",
    "diagnosis.host-id-differs": (
        "The request went to {host}, the server answered for {host_id}: something between them replaced the Host."
    ),
    "diagnosis.client": "The client says it is {agent}: {client}.",
    "diagnosis.excluded": (
        "{tried} texts were signed: {edits} changes, alone and combined, with {secrets} forms of the secret. None fits."
    ),
    "diagnosis.search-stopped": ("The search stopped at its limit while it tried {level:change|changes} at a time."),
    "diagnosis.signature-unreadable": "The signature sent is no digest in any known form; there is nothing to search.",
    "diagnosis.nothing-to-sign": "Neither the wire nor the answer gives a string to sign.",
    "diagnosis.sdk-not-installed": "oss2 is not installed, so it could not be asked.",
    "diagnosis.sdk-takes-no-such-bytes": "oss2 cannot sign such a request: it takes only text that is valid UTF-8.",
    "diagnosis.sdk-has-other-signer": "This version of oss2 signs in another way than the one known here.",
    "diagnosis.otherwise.signed": ("{count:request|requests} failed for another reason than the signature: {answer}."),
    "diagnosis.otherwise.unsigned": "{count:request|requests} without a signature failed: {answer}.",
    "diagnosis.otherwise.more": "{count:more request|more requests} failed with other error codes.",
}
