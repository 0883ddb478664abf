"""Texts as people paste them: one request, told in every form there is."""

from __future__ import annotations

import json

ID = b"6642D7B5A1F0C83539D2E417"
HOST = b"pictures.oss-cn-hangzhou.aliyuncs.com"
KEY_ID = b"LTAI5tMadeUpForTests01"
SIGNATURE = b"pYQ1Lfr3bPGfOZZU2lvWQ6E8KjM="
DATE = b"Tue, 14 May 2024 03:21:07 GMT"
MESSAGE = (
    b"The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
SERVER = b"PUT\n\ntext/plain\n" + DATE + b"\n/pictures/a.txt"
CLIENT = b"PUT\n\n\n" + DATE + b"\n/pictures/a.txt"
NUMBERS = SERVER.hex(" ").upper().encode() + b" "

XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>SignatureDoesNotMatch</Code>\n  <Message>%s</Message>\n'
    b"  <RequestId>%s</RequestId>\n  <HostId>%s</HostId>\n  <OSSAccessKeyId>%s</OSSAccessKeyId>\n"
    b"  <SignatureProvided>%s</SignatureProvided>\n  <StringToSign>%s</StringToSign>\n"
    b"  <StringToSignBytes>%s</StringToSignBytes>\n  <EC>0002-00000040</EC>\n</Error>\n"
) % (MESSAGE, ID, HOST, KEY_ID, SIGNATURE, SERVER, NUMBERS)
#: The same from before there was a byte dump, or copied without it.
XML_TEXT_ONLY = XML.replace(b"  <StringToSignBytes>" + NUMBERS + b"</StringToSignBytes>\n", b"")

_DETAILS = {
    "Code": "SignatureDoesNotMatch",
    "Message": MESSAGE.decode(),
    "RequestId": ID.decode(),
    "HostId": HOST.decode(),
    "OSSAccessKeyId": KEY_ID.decode(),
    "SignatureProvided": SIGNATURE.decode(),
    "StringToSign": SERVER.decode(),
    "StringToSignBytes": NUMBERS.decode(),
    "EC": "0002-00000040",
}
OSS2 = (
    b"oss2.exceptions.SignatureDoesNotMatch: "
    + repr({"status": 403, "x-oss-request-id": ID.decode(), "details": _DETAILS}).encode()
)
OSS2_BODY = repr({"status": 403, "x-oss-request-id": ID.decode(), "details": XML.decode()}).encode()

JAVA = (
    b"com.aliyun.oss.OSSException: %s\n[ErrorCode]: SignatureDoesNotMatch\n[RequestId]: %s\n[HostId]: %s\n"
    b"\tat com.aliyun.oss.common.utils.ExceptionFactory.createOSSException(ExceptionFactory.java:100)\n"
) % (MESSAGE, ID, HOST)
JAVA_WITH_ANSWER = JAVA.replace(b"\tat ", b"[ResponseError]:\n" + XML + b"\n\tat ")
JAVA_SAMPLE = (
    b"Caught an OSSException, which means your request made it to OSS, but was rejected with an error response for "
    b"some reason.\nError Message:%s\nError Code:SignatureDoesNotMatch\nRequest ID:%s\nHost ID:%s\n"
) % (MESSAGE, ID, HOST)
ANDROID = (
    b"[StatusCode]: 403, [Code]: SignatureDoesNotMatch, [Message]: %s, [Requestid]: %s, [HostId]: %s, [RawMessage]: \n"
) % (MESSAGE, ID, HOST)
GO = (
    b'oss: service returned error: StatusCode=403, ErrorCode=SignatureDoesNotMatch, ErrorMessage="%s", RequestId=%s, '
    b"Ec=0002-00000040\n"
) % (MESSAGE, ID)
NODE = (
    b"SignatureDoesNotMatchError: %s\n    at Client.requestError (/app/node_modules/ali-oss/lib/client.js:345:13)\n"
    b"    at processTicksAndRejections (node:internal/process/task_queues:96:5) {\n  status: 403,\n"
    b"  code: 'SignatureDoesNotMatch',\n  requestId: '%s',\n  ecCode: '0002-00000040',\n  hostId: '%s',\n"
    b"  params: { object: 'a.txt' }\n}\n"
) % (MESSAGE, ID, HOST)
NODE_JSON = json.dumps(
    {"status": 403, "code": "SignatureDoesNotMatch", "requestId": ID.decode(), "hostId": HOST.decode()}
).encode()
OLD_NODE = (
    b"error: { [SignatureDoesNotMatch: %s]\n  message: '%s',\n  code: 'SignatureDoesNotMatch',\n  headers: \n"
    b"   { server: 'AliyunOSS',\n     'x-oss-request-id': '%s' },\n  statusCode: 403,\n  retryable: false }\n"
) % (MESSAGE, MESSAGE, ID)
PHP = (
    b"PHP Fatal error:  Uncaught OSS\\Core\\OssException: SignatureDoesNotMatch: %s RequestId: %s in /app/x.php:17\n"
) % (MESSAGE, ID)
PHP_PRINTED = (
    b"Array\n(\n    [status] => 403\n    [request-id] => %s\n    [code] => SignatureDoesNotMatch\n"
    b"    [message] => %s\n    [body] => \n)\n"
) % (ID, MESSAGE)
PHP_DUMPED = (
    b'array(5) {\n  ["status"]=>\n  int(403)\n  ["request-id"]=>\n  string(24) "%s"\n  ["code"]=>\n'
    b'  string(21) "SignatureDoesNotMatch"\n  ["message"]=>\n  string(113) "%s"\n}\n'
) % (ID, MESSAGE)
PHP_EXPORTED = (
    b"array (\n  'status' => 403,\n  'request-id' => '%s',\n  'code' => 'SignatureDoesNotMatch',\n"
    b"  'message' => '%s',\n)\n"
) % (ID, MESSAGE)
NET = (b"Failed with error code: SignatureDoesNotMatch; Error info: %s \nRequestID:%s\tHostID:%s\n") % (
    MESSAGE,
    ID,
    HOST,
)
#: The V2 SDKs share one form; line ends and full stops differ.
V2_PYTHON = (
    b"Error returned by Service.\n        Http Status Code: 403.\n        Error Code: SignatureDoesNotMatch.\n"
    b"        Request Id: %s.\n        Message: %s.\n        EC: 0002-00000040.\n        Timestamp: 2024.\n"
    b"        Request Endpoint: PUT https://x/.\n"
) % (ID, MESSAGE)
V2_GO = b"operation error PutObject: " + b"\n".join(line.strip() + b" " for line in V2_PYTHON.split(b"\n"))
V2_ONE_LINE = b" ".join(line.strip() for line in V2_PYTHON.split(b"\n"))
V2_NET = V2_PYTHON.replace(b".\n", b"\n")

REQUEST = (
    b"PUT /a.txt HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nDate: %s\r\n"
    b"Authorization: OSS %s:%s\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
) % (HOST, DATE, KEY_ID, SIGNATURE)
RESPONSE = (
    b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nDate: %s\r\nContent-Type: application/xml\r\n"
    b"Transfer-Encoding: chunked\r\nx-oss-request-id: %s\r\n\r\n"
) % (DATE, ID) + XML


def _marked(mark: bytes, message: bytes) -> bytes:
    head = message.partition(b"\r\n\r\n")[0]
    return b"".join(mark + line + b"\n" for line in head.split(b"\r\n")) + mark.rstrip(b"\n") + b"\n"


CURL = (
    b"*   Trying 118.31.219.217:80...\n* Connected to %s (118.31.219.217) port 80 (#0)\n" % HOST
    + _marked(b"> ", REQUEST)
    + b"} [5 bytes data]\n* upload completely sent off: 5 bytes\n< HTTP/1.1 100 Continue\n< \n"
    + _marked(b"< ", RESPONSE)
    + b"{ [900 bytes data]\n"
    + XML
    + b"* Connection #0 to host left intact\n"
)


def _pairs(message: bytes) -> list[dict[str, str]]:
    lines = message.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return [dict(zip(("name", "value"), line.split(": ", 1), strict=True)) for line in lines]


def har_entry(status: int = 403, body: bytes = XML) -> dict[str, object]:
    return {
        "startedDateTime": "2024-05-14T03:21:07.250Z",
        "request": {
            "method": "PUT",
            "url": f"http://{HOST.decode()}/a.txt",
            "headers": _pairs(REQUEST),
            "postData": {"text": "hello"},
        },
        "response": {
            "status": status,
            "statusText": "Forbidden" if status >= 400 else "OK",
            "headers": _pairs(RESPONSE),
            "content": {"mimeType": "application/xml", "text": body.decode()},
        },
    }


HAR = json.dumps({"log": {"version": "1.2", "entries": [har_entry(200, b""), har_entry()]}}).encode()

_OSS2_LOG = (
    b"2024-05-14 03:21:07,123 oss2.auth [DEBUG] 140 : Make signature: string to be signed = %s\n"
    b"2024-05-14 03:21:07,124 oss2.http [DEBUG] 140 : Send request, method: PUT, url: http://%s/a.txt\n"
)
#: oss2 writes the bytes as Python shows them, older versions the text as it is.
OSS2_LOG, OLD_OSS2_LOG = (_OSS2_LOG % (told, HOST) for told in (repr(CLIENT).encode(), CLIENT))
GO_LOG = b"2024/05/14 03:21:07 [Req:0xc0000f2000]signStr:" + CLIENT.replace(b"\n", b"\\n") + b"\n"
OWN_LOG = b"[debug] stringToSign: '" + CLIENT.replace(b"\n", b"\\n") + b"'\n"
