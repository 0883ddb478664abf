"""English: root causes, their evidence and what to do."""

MESSAGES = {
    "cause.proven-by-search": (
        "With the secret, exactly one text gives the signature that was sent. What the client did otherwise: it "
        "{changes}."
    ),
    "cause.proven-against-server": (
        "With the secret, exactly one text gives the signature that was sent. What the client did otherwise than the "
        "server: it {changes}."
    ),
    "cause.pairing-uncertain": (
        "Packets are missing here: the answer may belong to another request, so nothing is proven."
    ),
    "cause.head-cut-by-loss": "Part of the request's head is not in the capture, so nothing is proven.",
    "cause.form-cut": "Not every field of the form could be read from the capture, so nothing is proven.",
    "cause.success-of-another": "But that request is of another client, which may do things otherwise.",
    "cause.shown-by-log": (
        "The client's own log shows what it signed. What it did otherwise than the server: it {changes}."
    ),
    "cause.open-rule.signed-by-default": "What the client signed follows the usual rules.",
    "cause.open-rule.or-changed": (
        "The request may as well have been changed on its way; a request like it that succeeds would tell."
    ),
    "cause.open-rule.or-rule": (
        "The server may as well have this rule, which no document states; a request like it that succeeds would tell."
    ),
    "cause.open-rule.success-deviates": "A request that this server accepted is signed by that rule.",
    "cause.open-rule.success-by-default": (
        "The server has no such rule: a request that it accepted is signed without it. So what it received here is not "
        "what was sent."
    ),
    "cause.without-request": "The request itself is not known.",
    "cause.search-did-not-confirm": (
        "{tried} texts were signed with the secret given, this change among them, and none gives the signature sent."
    ),
    # Content-Type, Content-MD5
    "cause.content-type-after-signing.title": "Content-Type was added or changed after signing",
    "cause.content-type-after-signing.remedy": (
        "Sign the Content-Type that is really sent, or send none where none was signed."
    ),
    "cause.content-type-after-signing.in-server-string": "The server's string to sign contains Content-Type {value}.",
    "cause.content-type-after-signing.on-wire": "The request carries Content-Type {value}, and the server signs it.",
    "cause.content-type-after-signing.client-adds": "{client} puts {value} on a body by itself.",
    "cause.content-type-after-signing.sdk-completes-upload": (
        "{client} sets no Content-Type when it completes a multipart upload. Old versions of requests take the body "
        "for form data on Python 3 and add {value} after the SDK has signed."
    ),
    "cause.content-type-after-signing.sdk-adds": (
        "{client} does not choose {value} itself; its HTTP library adds it after the SDK has signed."
    ),
    "cause.content-type-after-signing.presigned": (
        "The signature stands in the URL, made before the upload; the type was put on the request later, by whoever "
        "sent it."
    ),
    "cause.content-type-after-signing.generic": "{value} is what HTTP libraries put on a body when nobody asks.",
    "cause.content-type-after-signing.success-without": (
        "The nearest request of this key that succeeded has no Content-Type."
    ),
    "cause.content-type-after-signing.success-with": ("A request of this key with the same Content-Type succeeded."),
    "cause.content-type-after-signing.same-signature-other-type": (
        "The same signature was sent with another Content-Type before."
    ),
    "cause.content-type-not-sent.title": "A Content-Type was signed and not sent",
    "cause.content-type-not-sent.remedy": "Send exactly the Content-Type that was signed, also with an empty body.",
    "cause.content-type-not-sent.success-with": (
        "The nearest request of this key that succeeded has a Content-Type, this one has none."
    ),
    "cause.content-type-not-sent.empty-body": (
        "The body is empty and there is no Content-Type: some HTTP libraries drop the header with an empty body."
    ),
    "cause.content-type-not-sent.presigned": (
        "A signed URL for an upload is often made for one Content-Type; this request carries none."
    ),
    "cause.content-md5-wrong.title": "Content-MD5 is wrong, malformed, or signed and not sent",
    "cause.content-md5-wrong.remedy": (
        "Send base64 of the 16 bytes of the body's MD5 and sign the same value, or leave the header out on both sides."
    ),
    "cause.content-md5-wrong.refused": "The server refuses the digest of the body.",
    "cause.content-md5-wrong.malformed": "Content-MD5 {value} is not base64 of 16 bytes (hex is the usual mistake).",
    "cause.content-md5-wrong.differs": "Content-MD5 says {value}, the body in the capture has {body}.",
    "cause.content-md5-wrong.server-has-one": "The server's string has a Content-MD5, the request captured has none.",
    "cause.content-md5-wrong.success-with": (
        "The nearest upload of this key that succeeded carries a Content-MD5, this one does not."
    ),
    # dates, metadata, form of the string
    "cause.clock-skew.title": "The client's clock is off, or its date has the wrong form",
    "cause.clock-skew.remedy": "Set the client's clock (NTP) and send dates in GMT; then sign again.",
    "cause.clock-skew.title-expiry": "The expiry time was signed in another unit than it was sent in",
    "cause.clock-skew.remedy-expiry": "Write Expires in seconds since 1970, and sign and send the same digits.",
    "cause.clock-skew.behind": "The client's clock is {minutes} minutes behind the server's; 15 are allowed.",
    "cause.clock-skew.ahead": "The client's clock is {minutes} minutes ahead of the server's; 15 are allowed.",
    "cause.date-header.title": "Date and x-oss-date are confused, missing or differ",
    "cause.date-header.remedy": (
        "Send one date. Where x-oss-date is there, it fills the date line of the signed string and stays a header line."
    ),
    "cause.date-header.differ": "Date is {date} and x-oss-date is {own}; the server signs the second.",
    "cause.metadata-encoding.title": "A header value was signed in other bytes than it was sent in",
    "cause.metadata-encoding.remedy": (
        "Keep header values to ASCII: percent-encode or base64-encode names and texts before signing."
    ),
    "cause.metadata-encoding.empty": "{name} is empty; some clients leave empty headers out when signing.",
    "cause.metadata-encoding.blanks": "{name} has runs of blanks or tabs; clients and proxies shorten them.",
    "cause.metadata-encoding.not-utf8": (
        "{name} is not UTF-8 on the wire ({value}); the client most likely signed it as UTF-8."
    ),
    "cause.metadata-encoding.beyond-ascii": (
        "{name} holds bytes beyond ASCII ({value}); HTTP libraries write such values in their own charset."
    ),
    "cause.string-format.title": "The signed string has wrong line ends or case",
    "cause.string-format.remedy": (
        "Lay the string with single line feeds (\\n), an empty line for each missing header, the method in capitals, "
        "and no line end behind the resource."
    ),
    "cause.string-format.lower-case-method": "The method is sent as {method}; methods are signed as they are sent.",
    # address
    "cause.wrong-bucket.title": "Bucket or resource is another than the one signed",
    "cause.wrong-bucket.remedy": (
        "Give the client the endpoint without bucket and the bucket by its real name; say so where the endpoint is a "
        "custom domain."
    ),
    "cause.wrong-bucket.server-names": "The server's string names bucket {server}.",
    "cause.wrong-bucket.host-differs": (
        "The server's string names bucket {server}, while the Host {host} says {wire}. A client that signed for {wire} "
        "cannot match."
    ),
    "cause.wrong-bucket.host-without": ("The server's string names bucket {server}, the request to {host} names none."),
    "cause.wrong-bucket.text-contradicts": (
        "The printed StringToSign of the same answer names another bucket than its bytes: the answer may have been "
        "edited."
    ),
    "cause.wrong-bucket.host-id-same": "The server echoes the Host as sent ({host}): it was not replaced on the way.",
    "cause.wrong-bucket.wire-signed": (
        "The secret signs exactly what the capture shows, so the client signed for the bucket of the wire."
    ),
    "cause.wrong-bucket.twice": (
        "Bucket {bucket} stands in the Host and again at the start of the path, so the server reads it as part of the "
        "key."
    ),
    "cause.wrong-bucket.custom-domain": (
        "{host} is a custom domain: only the server knows its bucket, and the client must be told it is one."
    ),
    "cause.wrong-bucket.no-bucket-in-host": (
        "{host} has no bucket in front; a public endpoint takes the bucket only there, not from the path."
    ),
    "cause.host-changed.title": "A signed Host header was replaced",
    "cause.host-changed.remedy": (
        "Sign for the host that reaches OSS, let the CDN or proxy keep the Host, or do not sign the Host header."
    ),
    "cause.host-changed.server-has": "Host is signed; {host} was sent and {server} reached the server.",
    "cause.host-changed.wire-signed": "The secret signs exactly what the capture shows, with the Host as sent.",
    "cause.host-changed.echoed": "Host is signed; {host} was sent and the server answers for {echoed}.",
    "cause.host-changed.proxies": "Host ({host}) is signed and there are traces of proxies, which may replace it.",
    "cause.key-encoding.title": "The object key was signed in another encoding than the server reads",
    "cause.key-encoding.remedy": (
        "Sign the plain key (V1) and percent-encode it exactly once for the URL, as UTF-8, with + as %2B."
    ),
    "cause.key-encoding.successes-plain": "Requests of this key id that succeeded have no such bytes in their keys.",
    "cause.key-encoding.twice-escaped": "The key holds %25 before two hex digits: it looks percent-encoded twice.",
    "cause.key-encoding.raw-bytes": "The key is on the wire with bytes that a URL must percent-encode.",
    "cause.key-encoding.decomposed": (
        "The key holds letters and accents as separate characters (NFD), as macOS names files; most clients sign the "
        "composed form."
    ),
    "cause.key-encoding.leading-slash": "The key begins with a slash; most clients drop it when signing.",
    "cause.key-encoding.double-slash": "The key holds two slashes in a row; clients and proxies merge them.",
    "cause.key-encoding.plus": "The key holds a +, which some clients take for a blank.",
    "cause.key-encoding.blank": "The key holds a blank, which some clients sign as + or %20.",
    "cause.key-encoding.backslash": "The key holds a backslash, as from a Windows path.",
    "cause.key-encoding.beyond-ascii": "The key holds characters beyond ASCII; they must be signed as UTF-8.",
    # who signed
    "cause.wrong-secret.title": "The secret is not the one of this access key id",
    "cause.wrong-secret.remedy": (
        "Copy id and secret anew, both of the same access key, without blanks, line ends or quotes."
    ),
    "cause.wrong-secret.variant-signs": "The signature proves it: the client {variant}.",
    "cause.wrong-secret.signs-server-text": (
        "The secret given signs the server's own string to exactly the signature sent, and the server refuses it: "
        "the secret that the server knows for this id is another."
    ),
    "cause.wrong-secret.no-echo": (
        "The answer does not repeat the signature: one that was changed on the way would be refused like this, too."
    ),
    "cause.wrong-secret.nothing-fits": (
        "{tried} texts were signed with the secret given, and none gives the signature sent: the client used another "
        "secret."
    ),
    "cause.wrong-secret.same-text": (
        "Wire and server agree on the string, so either the client signed another string or used another secret."
    ),
    "cause.wrong-secret.log-is-server": (
        "The client's log and the server's string are the same, so the signature was made with another secret, or was "
        "damaged on the way."
    ),
    "cause.wrong-secret.not-excluded": "Nothing in the capture shows that the secret is right.",
    "cause.wrong-secret.others-succeed": (
        "At least {successes:request|requests} of other clients succeeded with this access key id."
    ),
    "cause.wrong-secret.all-fail": "All {failures} signed requests of this access key id fail, none succeeds.",
    "cause.access-key.title": "The access key id does not exist, is disabled or malformed",
    "cause.access-key.remedy": "Check the id in the RAM console: it must exist, be enabled, and be written bare.",
    "cause.access-key.assignment": "The id is {value}: an assignment was copied, not its value.",
    "cause.access-key.blanks": "The id {value} has blanks or line ends in it.",
    "cause.access-key.placeholder": "The id is {value}: quotes, brackets or a variable that was never replaced.",
    "cause.access-key.characters": "The id {value} has characters that no access key id has.",
    "cause.access-key.known": "The server compared signatures, so it has a secret for this id.",
    "cause.security-token.title": "The security token is missing, unsigned, expired or in the wrong place",
    "cause.security-token.remedy": (
        "Use id, secret and token of one and the same STS answer; send the token as x-oss-security-token (in URLs of "
        "V1 and V2 as security-token) and sign it."
    ),
    "cause.security-token.temporary-id-unknown": (
        "A temporary id (STS.…) is answered as unknown: that is what happens when no token comes with it."
    ),
    "cause.security-token.temporary-id-without-token": (
        "The id is a temporary one (STS.…) and the request carries no security token."
    ),
    "cause.security-token.in-header": (
        "The id is a temporary one (STS.…) and its token is in the wrong place: in the header {name}."
    ),
    "cause.security-token.in-query": (
        "The id is a temporary one (STS.…) and its token is in the wrong place: in the query parameter {name}."
    ),
    "cause.security-token.belongs-in-header": "With this kind of signature it belongs in the header {name}.",
    "cause.security-token.belongs-in-query": "With this kind of signature it belongs in the query parameter {name}.",
    "cause.security-token.belongs-in-form": "With this kind of signature it belongs in the form field {name}.",
    "cause.security-token.let-pass": (
        "OSS looks for the token before it compares signatures, and here it has compared them."
    ),
    "cause.security-token.token-of-other-id": "A token is sent with an id that is not a temporary one.",
    "cause.security-token.header-of-signed-url": (
        "The URL is signed and the token is in a header; it must be in the URL and signed with it."
    ),
    "cause.security-token.may-be-unsigned": "The request carries a token; a signer that leaves it out cannot match.",
    "cause.signature-encoding.title": "The signature is not written as this version asks",
    "cause.signature-encoding.remedy": (
        "V1: base64 of the 20 bytes of HMAC-SHA1. V2: base64 of the 32 bytes of HMAC-SHA256. V4: 64 lower-case hex "
        "digits."
    ),
    "cause.signature-encoding.shape": "For {variant} the signature has the wrong form: the client {shape}.",
    "cause.signature-encoding.may-be-cut": "A signature of the right form whose end was cut off looks like this, too.",
    "cause.signature-encoding.length": (
        "The signature ({length} characters) does not decode to the {wanted} bytes that {variant} needs."
    ),
    "cause.signature-version.title": "This signature version is refused",
    "cause.signature-version.remedy": "Sign with version 4, or with the version that this endpoint takes.",
    # on the way
    "cause.altered-in-transit.title": "The request was changed between the capture point and OSS",
    "cause.altered-in-transit.remedy": (
        "Use HTTPS or go past the proxy or CDN, or have it pass on method, headers and query unchanged."
    ),
    "cause.altered-in-transit.remedy-signed-anew": (
        "A CDN or proxy signs the request for itself: have it pass Authorization on unchanged, or give it a key that "
        "is right (at Alibaba Cloud CDN: access to a private bucket as origin)."
    ),
    "cause.altered-in-transit.other-signature": (
        "The signature {sent} was sent, and the server read {read}: it was exchanged on the way."
    ),
    "cause.altered-in-transit.plus-unescaped": (
        "The signature {sent} was sent with its + escaped, and the server read {read}: something on the way undid the "
        "escapes of the URL."
    ),
    "cause.altered-in-transit.other-key-id": (
        "The request was signed for access key id {sent}, and the server answers for {read}."
    ),
    "cause.altered-in-transit.wire-signed": (
        "The secret signs exactly what the capture shows; the server computed over something else."
    ),
    "cause.altered-in-transit.may-be-rule": (
        "No document states what the server makes of such a request; it may have read it so by itself."
    ),
    "cause.altered-in-transit.hash-differs": (
        "The server's hash of the canonical request differs from that of the request as captured; which part differs "
        "cannot be seen."
    ),
    "cause.altered-in-transit.no-proxy-seen": "No header shows a proxy.",
    "cause.altered-in-transit.added": "{field}: the server has {server}, the capture has nothing.",
    "cause.altered-in-transit.removed": "{field}: the capture has {wire}, the server has nothing.",
    "cause.altered-in-transit.changed": "{field}: the capture has {wire}, the server has {server}.",
    "cause.altered-in-transit.log-differs": (
        "The client's log and the server's string differ in {fields}, and no known change leads from one to the other."
    ),
    "cause.altered-in-transit.log-is-wire": "The client's log shows that it signed exactly what the request holds.",
    "cause.altered-in-transit.trace": "A proxy left its trace: {header}: {value}",
    "cause.method-mismatch.title": "Signed for one method, sent with another",
    "cause.method-mismatch.remedy": "Sign a URL for each method: one for GET does not serve PUT, HEAD or DELETE.",
    "cause.method-mismatch.presigned": (
        "The URL is signed and sent with {method}; most signed URLs are made for GET or PUT."
    ),
    "cause.method-mismatch.may-be": "The URL is signed; it may have been made for another method than {method}.",
    "cause.method-mismatch.accepted": (
        "The same signature was accepted on a {before} request (status {status}); here it is on {now}. One signature "
        "fits one method."
    ),
    "cause.method-mismatch.seen": (
        "The same signature was on a {before} request (status {status}) before; here it is on {now}."
    ),
    "cause.stale-request.title": "A signed request was sent again with changes",
    "cause.stale-request.remedy": "Sign every attempt anew; never copy headers of an answer into a request.",
    "cause.stale-request.other-date": "The same signature was sent before under another date.",
    "cause.stale-request.other-target": "The same signature was sent before for another URL.",
    "cause.stale-request.answer-headers": "The request carries headers that only answers have: {names}.",
    "cause.header-after-signing.title": "A header was added after signing, or left out of the signature",
    "cause.header-after-signing.remedy": (
        "Let the signer see every x-oss-* header (S3: x-amz-*) of the request, and let nothing add one behind it."
    ),
    "cause.header-after-signing.signed": "The server signs these headers of the request: {names}.",
    "cause.header-after-signing.of-cdns": "{name} is put on requests by CDNs and proxies, not by clients.",
    "cause.header-after-signing.presigned": (
        "The signature stands in the URL, made before; whoever sent the request put the headers on it later."
    ),
    "cause.header-after-signing.success-without": (
        "The nearest request of this key that succeeded has none of these headers."
    ),
    "cause.duplicate-headers.title": "A signed header is there twice, or folded",
    "cause.duplicate-headers.remedy": "Send every signed header once and on one line.",
    "cause.duplicate-headers.twice": "Sent more than once: {names}. Signers join or drop such lines differently.",
    "cause.duplicate-headers.folded": "{name} runs over several lines.",
    # URLs and queries
    "cause.plus-in-signature.title": "A + of the signature was not written as %2B in the URL",
    "cause.plus-in-signature.remedy": "Percent-encode the signature before it goes into the URL.",
    "cause.plus-in-signature.blank": (
        "The server reads the signature as {value}: a blank where + stood. With + in its place it has the right length."
    ),
    "cause.plus-in-signature.echoed": "The server echoes it with the blank: {value}.",
    "cause.url-damaged.title": "The signed URL was cut, escaped twice or HTML-escaped",
    "cause.url-damaged.remedy": "Pass the URL on exactly as it was made: no HTML or JSON escapes, no cutting at &.",
    "cause.url-damaged.html-escaped": "The query has a parameter called {name}: & was written as &amp;.",
    "cause.url-damaged.json-escaped": "The URL holds \\u0026 where & should be.",
    "cause.url-damaged.escaped-twice": "The signature is percent-encoded twice in the URL: {value}.",
    "cause.url-damaged.blanks": "The signature in the URL has blanks or a line end around it.",
    "cause.url-damaged.cut-short": (
        "The signature in the URL is the first {length} of the {wanted} characters that the secret gives: the URL was "
        "cut."
    ),
    "cause.url-damaged.cut": "The signature in the URL has {length} of {wanted} characters: the URL was cut.",
    "cause.parameter-after-signing.title": "A query parameter was added, dropped or changed after signing",
    "cause.parameter-after-signing.remedy": "Give every parameter to the signer; do not append any to a signed URL.",
    "cause.parameter-after-signing.behind-signature": (
        "Behind the signature in the URL stand parameters that the server signs: {names}."
    ),
    "cause.parameter-after-signing.signed": "The URL holds parameters that the server signs: {names}.",
    "cause.subresource-list.title": "Client and server disagree on which query parameters are signed",
    "cause.subresource-list.remedy": (
        "Update the SDK, or add the parameter to the list of sub-resources that your signer signs."
    ),
    "cause.subresource-list.client-lacks": "{client} does not sign {names}, the server does.",
    "cause.subresource-list.disagreement": (
        "Not every signer signs {names}; where the client leaves it out, the signature cannot match."
    ),
    "cause.query-encoding.title": "Query parameters were signed in another form than the server reads them",
    "cause.query-encoding.remedy": (
        "V1: sign the plain values. V2 and V4: percent-encode every byte but letters, digits and -_.~, a blank as %20 "
        "and a slash as %2F. No = behind a name without a value (S3 V4: always one). Sort by name."
    ),
    "cause.url-expired.title": "The signed URL or request is past its expiry",
    "cause.url-expired.remedy": "Sign anew, with a longer validity where needed.",
    "cause.url-expired.by": "By the server's clock it ended {seconds:second|seconds} before this answer.",
    # version 4, S3 clients, forms
    "cause.v4-scope.title": "Region, product or date of the V4 scope is wrong, or not the one the key was derived for",
    "cause.v4-scope.remedy": (
        "Use the bucket's region id (such as cn-hangzhou), product oss and today's date in UTC, and derive "
        "the signing key anew from the scope that is sent."
    ),
    "cause.v4-scope.refused-value": "The value refused is {value}.",
    "cause.v4-scope.region-differs": "The credential says region {said}, the Host is in {wanted}.",
    "cause.v4-scope.date-form": "The date of the credential is {said}; it must be eight digits.",
    "cause.v4-scope.date-differs": "The date of the credential is {said}, the request is of {stamp}.",
    "cause.v4-scope.product": "The product of the credential is {said}; it should be oss.",
    "cause.v4-algorithm.title": "The V4 signature was made by other rules",
    "cause.v4-algorithm.remedy": (
        "Follow the OSS V4 rules, not those of AWS: key prefix aliyun_v4, headers signed implicitly, "
        "UNSIGNED-PAYLOAD, host only where listed as an additional header."
    ),
    "cause.v4-algorithm.title-v2": "The V2 signature was made by other rules",
    "cause.v4-algorithm.remedy-v2": (
        "Follow the rules of OSS V2: besides x-oss-* only those headers are signed that AdditionalHeaders lists; or "
        "sign with version 4."
    ),
    "cause.v4-algorithm.own-signer": (
        "The client is no known SDK; signers made by hand mix up the rules of AWS and OSS most often."
    ),
    "cause.v4-algorithm.signed-headers": "Authorization has SignedHeaders, which is AWS; OSS knows AdditionalHeaders.",
    "cause.v4-algorithm.terminator": "The scope ends in {said}; it must end in aliyun_v4_request.",
    "cause.v4-algorithm.payload": "x-oss-content-sha256 is {said}; OSS takes only UNSIGNED-PAYLOAD.",
    "cause.v4-algorithm.no-payload-header": "The header x-oss-content-sha256 is missing.",
    "cause.s3-client.title": "An S3 client uses a feature that OSS does not take",
    "cause.s3-client.remedy": (
        "Switch off chunked signing and the new checksums in the S3 client and use virtual-hosted addressing, or use "
        "an OSS SDK."
    ),
    "cause.s3-client.s3-rules": "The request is signed by S3 rules, which OSS takes only in part.",
    "cause.s3-client.aws-chunked": "The body is sent in aws-chunked form with a signature in every chunk.",
    "cause.s3-client.unsigned-header": "These x-amz headers are sent and not signed: {names}.",
    "cause.s3-client.checksum": "The client sends the checksum headers of newer AWS SDKs.",
    "cause.post-policy.title": "The policy of the form, or its signature, is wrong",
    "cause.post-policy.remedy": "Sign the base64 text of the policy exactly as it stands in the form, in one line.",
    "cause.post-policy.not-the-text": "The text signed may not be the policy field as sent (JSON instead of base64).",
    "cause.post-policy.missing": "The form has no policy.",
    "cause.post-policy.line-breaks": "The policy has line breaks in its base64.",
    "cause.post-policy.percent": "The policy is percent-encoded; a form field is sent as it is.",
    "cause.post-policy.plain-json": "The policy is sent as JSON; it must be base64 of it.",
    "cause.post-policy.not-base64": "The policy is not valid base64.",
    "cause.post-policy.not-json": "The policy decodes to something that is not a JSON object.",
    # nothing fits
    "cause.unknown.title": "No known cause fits",
    "cause.unknown.remedy": (
        "Give the secret with `--secret-file`: then what the client really signed is searched for. Capture at the "
        "client, from the first packet on, with whole packets (-s0)."
    ),
    "cause.unknown.nothing-altered": "Ruled out: a change on the way. The server signs exactly what the capture shows.",
    "cause.unknown.secret-works": (
        "Ruled out: a wrong secret. At least {successes:other request|other requests} of this key succeeded."
    ),
    "cause.unknown.signature-arrived": "Ruled out: a damaged signature. The server echoes the one sent.",
    "cause.unknown.too-little": "There is too little in this answer to rule anything out.",
}
