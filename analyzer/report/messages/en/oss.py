"""English: what OSS reads in a request, its rules, and its error codes."""

MESSAGES = {
    # reading the request
    "oss.too-many-parameters": "The URL holds more than {kept} query parameters; the last {left} were not read.",
    "oss.authority-differs-from-host": (
        "The request line names another host than the Host header; the Host header counts here."
    ),
    "oss.authorization-malformed": "The `Authorization` header lacks its {part} part.",
    "oss.authorization-stray": "The `Authorization` header holds a part that is not `name=value`: {part}.",
    "oss.credential-malformed": (
        "The Credential has {parts} parts instead of 5 (access key id, date, region, product, `aliyun_v4_request`)."
    ),
    "oss.parameter-missing": "The signed URL lacks `{name}`, or its value is empty.",
    "oss.form-field-missing": "The form lacks the field `{name}`, or it is empty.",
    "oss.form-cut": "The form ends in the middle of a field; what follows was not captured or never sent.",
    "oss.signed-twice": (
        "The request carries a signature in the URL and another in the `Authorization` header; OSS refuses that."
    ),
    "oss.token-in-header-of-signed-url": (
        "The URL is signed, but the security token is in a header; OSS takes it only from the URL's parameters."
    ),
    # where the request went
    "oss.cname-bucket": (
        "{host} is a custom domain. The bucket behind it is not on the wire; the server's string names {bucket}."
    ),
    "oss.cname-bucket-unknown": (
        "{host} is not an OSS endpoint (a custom domain, perhaps). The bucket behind it is not on the wire, "
        "so the string to sign cannot be rebuilt."
    ),
    "oss.bucket-differs": "The request addresses bucket {wire}, the server signed for bucket {server}.",
    "oss.bucket-only-at-server": "The request names no bucket, the server signed for bucket {server}.",
    # the error answer
    "oss.error-bytes-damaged": "`{element}` in the error answer cannot be read to its end.",
    "oss.error-cut": "The error answer ends before its end tag; what is missing was not captured or not sent.",
    "oss.error-header-unreadable": "The `x-oss-err` header of the answer is not valid base64.",
    "oss.error-html-escaped": "The error answer is HTML-escaped (`&lt;Code&gt;`); it was read as if it were not.",
    "oss.error-value-padded": "`{element}` in the error answer has blanks around its value.",
    # rules of the server that are documented nowhere
    "oss.rules-by-bytes": "The string rebuilt from the capture equals the server's, byte for byte.",
    "oss.rules-by-hash": (
        "The SHA-256 of the canonical request rebuilt from the capture equals the one in the server's string to sign."
    ),
    "oss.rules-none-fits": (
        "No known reading of the request gives the server's string: what the server received is not what was captured, "
        "or the server applies a rule that is not documented."
    ),
    "oss.rules-not-decided": (
        "The server did not say what it signed, so the string was rebuilt by the documented rules alone."
    ),
    "oss.parameters-uncertain": (
        "Clients disagree whether {names} belong into the signature; the string was rebuilt with those that most sign."
    ),
    "oss.rule.plus-in-path-is-blank": (
        "The server's string has a blank where the path has `+`: this server reads it so, or it was changed on the way."
    ),
    "oss.rule.bucket-without-slash": (
        "This server writes the resource of a bucket without a slash behind it, as in 2012."
    ),
    "oss.rule.empty-headers-dropped": (
        "The server's string lacks the headers with an empty value: this server leaves them out, or they were "
        "removed on the way."
    ),
    "oss.rule.blanks-collapsed": (
        "The server's string has one blank for each run of blanks in header values: this server does so, or it was "
        "done on the way."
    ),
    "oss.rule.duplicate-headers-first": (
        "Of a header sent twice, the server's string has the first alone: this server does so, or the second was "
        "removed on the way."
    ),
    "oss.rule.duplicate-headers-last": (
        "Of a header sent twice, the server's string has the last alone: this server does so, or the first was removed "
        "on the way."
    ),
    "oss.rule.slashes-merged": (
        "The server's string has single slashes where the path has several: this server merges them, or that was done "
        "on the way."
    ),
    "oss.rule.dot-segments-removed": (
        "The server's string lacks the `.` and `..` of the path: this server resolves them, or that was done on the "
        "way."
    ),
    "oss.rule.unknown-parameters-signed": "This server signs every parameter whose name begins with `x-oss-`.",
    "oss.rule.parameter-signed": "The server signed {names}, which no SDK's list of sub-resources holds.",
    "oss.rule.parameter-not-signed": (
        "The server's string lacks {names}, which some SDKs sign: this server does not, or they were removed on the "
        "way."
    ),
    # EC codes: meanings
    "oss.ec.v1-mismatch": "The signature (version 1) is not the one the server computed.",
    "oss.ec.v2-mismatch": "The signature (version 2) is not the one the server computed.",
    "oss.ec.v4-mismatch": "The signature (version 4) is not the one the server computed.",
    "oss.ec.v4-ip-mismatch": (
        "The V4 signature of a URL restricted to IP addresses or a VPC is not the one the server computed."
    ),
    "oss.ec.s3-v2-mismatch": "The S3 signature (version 2) is not the one the server computed.",
    "oss.ec.s3-v4-mismatch": "The S3 signature (version 4) is not the one the server computed.",
    "oss.ec.s3-chunked-mismatch": "The S3 signature of an `aws-chunked` upload is not the one the server computed.",
    "oss.ec.ip-restricted": (
        "The URL is restricted to IP addresses or a VPC (`x-oss-ac-*`), and its signature is not the one the "
        "server computed."
    ),
    "oss.ec.only-v4-header": "This bucket (CloudBox) takes only version 4 signatures in the `Authorization` header.",
    "oss.ec.bad-version": "The value of `x-oss-signature-version` is not one that OSS knows.",
    "oss.ec.v1-refused": "Version 1 signatures are not accepted any more for this account or bucket.",
    "oss.ec.token-missing": "The access key id is a temporary one (`STS.`), but no security token was sent with it.",
    "oss.ec.token-of-another-key": "The security token belongs to another access key id.",
    "oss.ec.token-in-header": "The URL is signed, but the security token came in a header.",
    "oss.ec.token-malformed": "The security token is malformed or cut.",
    "oss.ec.token-expired": "The security token has expired.",
    "oss.ec.v1-prefix": "The `Authorization` header does not begin with `OSS ` and one blank.",
    "oss.ec.v1-no-colon": "The `Authorization` header has no colon between access key id and signature.",
    "oss.ec.v1-no-key": "The `Authorization` header has no access key id, or two blanks before it.",
    "oss.ec.v1-key-characters": "The access key id in the `Authorization` header holds characters that no id has.",
    "oss.ec.v1-no-signature": "The signature in the `Authorization` header is empty.",
    "oss.ec.expires-missing": "The signed URL has no `Expires`.",
    "oss.ec.expires-empty": "`Expires` in the signed URL is empty.",
    "oss.ec.expired": "The signed URL is past its `Expires`.",
    "oss.ec.expires-not-seconds": "`Expires` in the signed URL is not a number of seconds since 1970.",
    "oss.ec.url-key-missing": "The signed URL has no `OSSAccessKeyId`.",
    "oss.ec.url-key-empty": "`OSSAccessKeyId` in the signed URL is empty.",
    "oss.ec.url-key-characters": "`OSSAccessKeyId` in the signed URL holds characters that no id has.",
    "oss.ec.url-signature-missing": "The signed URL lacks `Signature`, `Expires` or `OSSAccessKeyId`.",
    "oss.ec.url-signature-empty": "`Signature` in the signed URL is empty.",
    "oss.ec.additional-header-absent": (
        "The additional headers list a header that did not arrive, or one whose name has an underscore."
    ),
    "oss.ec.v2-malformed": "The `Authorization` header is not a well-formed version 2 signature.",
    "oss.ec.signature-empty": "The signature is empty.",
    "oss.ec.v4-malformed": "The `Authorization` header is not a well-formed version 4 signature.",
    "oss.ec.v4-date": "The date in the Credential is malformed, or is not today's date in UTC.",
    "oss.ec.v4-credential": "The Credential is malformed (it must end in `aliyun_v4_request`).",
    "oss.ec.v4-payload": "`x-oss-content-sha256` is not `UNSIGNED-PAYLOAD`, the only value that OSS takes.",
    "oss.ec.v4-expires": "`x-oss-expires` is missing or not between 1 and 604800 seconds.",
    "oss.ec.v4-url-credential": "The credential parameter of the signed URL is missing, empty or malformed.",
    "oss.ec.v4-region": "The region in the Credential is not the region of the bucket.",
    "oss.ec.v4-product": "The product in the Credential is not the one of this endpoint.",
    "oss.ec.s3-date": "The date in the Credential and the one in `x-amz-date` differ.",
    "oss.ec.s3-signature-length": "`X-Amz-Signature` does not have 64 hexadecimal digits.",
    "oss.ec.s3-payload": "`x-amz-content-sha256` is malformed, or is not the SHA-256 of the body.",
    "oss.ec.s3-unsigned-header": "An `x-amz-*` header was sent that is not among the signed headers.",
    "oss.ec.skewed": "The date of the request and the server's clock are more than 15 minutes apart.",
    "oss.ec.date-format": "The date of the request cannot be read.",
    "oss.ec.date-missing": "The request has neither `Date` nor `x-oss-date`.",
    "oss.ec.form-signature-missing": "The form has no signature field.",
    "oss.ec.form-signature-empty": "The signature field of the form is empty.",
    "oss.ec.form-signature-field": "The signature is in the form field of another signature version.",
    "oss.ec.form-date": "`x-oss-date` or the credential's date in the form is malformed.",
    "oss.ec.form-s3-v2": "Forms signed with S3 version 2 are not taken.",
    "oss.ec.form-region": "The region in the form's `x-oss-credential` is not the region of the bucket.",
    "oss.ec.form-malformed": "The body is not a well-formed `multipart/form-data` form.",
    "oss.ec.form-policy-expired": "The policy of the form has expired.",
    "oss.ec.key-characters": "The access key id holds characters that no id has.",
    "oss.ec.key-unknown": "The access key id does not exist.",
    "oss.ec.key-disabled": "The access key is disabled, or is restricted to other IP addresses.",
    "oss.ec.md5-malformed": "`Content-MD5` is not base64 of 16 bytes.",
    "oss.ec.md5-differs": "`Content-MD5` is not the MD5 of the body that arrived.",
    "oss.ec.denied": "The signature was right; the access key lacks the permission.",
    "oss.ec.denied-bucket-policy": "The signature was right; the bucket's policy denies the request.",
    "oss.ec.denied-ram": "The signature was right; the RAM policy of the user or role denies the request.",
    "oss.ec.denied-anonymous": "The request was not signed, and the bucket is not public.",
    "oss.ec.bucket-name": "The host name gives no valid bucket name.",
    "oss.ec.no-bucket": "The bucket does not exist.",
    # error codes and messages without an EC
    "oss.code.mismatch": "The signature is not the one the server computed.",
    "oss.code.token-not-taken": "This operation takes no security tokens.",
    "oss.code.path-style": "OSS wants the bucket in the host name (`bucket.endpoint`), not in the path.",
    "oss.code.host-not-bound": "The host name is not bound to the bucket, or is not allowed for it.",
    "oss.code.signed-twice": "The request carries a signature in the URL and another in the `Authorization` header.",
    "oss.code.authorization-invalid": (
        "The server cannot read the `Authorization` header; gateways of private clouds say so of versions they "
        "do not know."
    ),
    "oss.code.aws-chunked": "The upload uses S3's `aws-chunked` encoding, which this server does not take.",
    "oss.code.other-endpoint": "The bucket is in another region; the answer names its endpoint.",
    # remedies
    "oss.remedy.compare-strings": (
        "Compare the string that the client signed with the server's, line by line; the first line that differs "
        "is the cause."
    ),
    "oss.remedy.use-sdk": "Let an official SDK make the signature, or correct the part named above.",
    "oss.remedy.sign-again": "Sign the URL anew and send it exactly as it comes from the SDK.",
    "oss.remedy.sign-once": "Send either the signed URL or the `Authorization` header, not both.",
    "oss.remedy.send-token": (
        "Get fresh temporary credentials and use all three of them together: access key id, secret and token. "
        "The token goes into `x-oss-security-token`, or into the URL where the URL is signed."
    ),
    "oss.remedy.set-clock": "Set the client's clock by NTP, in UTC; then sign again.",
    "oss.remedy.set-region": (
        "Sign with the id of the bucket's region: `cn-hangzhou`, not `oss-cn-hangzhou`, no `-internal`."
    ),
    "oss.remedy.set-product": "Sign with product `oss` (`oss-cloudbox` for CloudBox).",
    "oss.remedy.check-access-key": (
        "Check the access key id in the RAM console: does it exist, is it enabled, is it copied whole and "
        "without blanks?"
    ),
    "oss.remedy.use-v4": (
        "Use signature version 4: upgrade the SDK, set the signature version to v4, and give the region."
    ),
    "oss.remedy.check-policy": "Leave the signature alone; check the RAM policy, the bucket policy and the ACL.",
    "oss.remedy.check-address": "Check endpoint and bucket name, and whether the custom domain is bound to the bucket.",
    "oss.remedy.check-form": "Check the fields of the form against the PostObject page for the signature version used.",
    "oss.remedy.send-right-md5": (
        "Send base64 of the 16 MD5 bytes of exactly the body sent, or no `Content-MD5` at all."
    ),
    "oss.remedy.send-date": "Send the time of signing in GMT, as in `Date: Tue, 23 May 2023 15:24:55 GMT`.",
    "oss.remedy.s3-client": (
        "Configure the S3 client for OSS: virtual-hosted addressing, no `aws-chunked` uploads, checksums only "
        "when required."
    ),
}
