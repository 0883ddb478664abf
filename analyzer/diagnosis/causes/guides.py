"""Documentation by title, and lines of code that put things right.

Code is for oss2, alibabacloud-oss-v2, curl and, where browsers are concerned, JavaScript. Titles are those of the
OSS documentation, in English; they are found by searching for them there.
"""

from __future__ import annotations

__all__ = [
    "BUCKET_CODE",
    "FAQ",
    "HEADER_SIGNING",
    "HEADER_TYPE_CODE",
    "KEY_CODE",
    "MD5_CODE",
    "METADATA_CODE",
    "METHOD_CODE",
    "NO_TYPE_CODE",
    "PARAMETER_CODE",
    "PLUS_CODE",
    "POST_CODE",
    "S3_CODE",
    "SCOPE_CODE",
    "SECRET_CODE",
    "SIGNATURE_CODE",
    "STS_CODE",
    "TRANSIT_CODE",
    "URL_SIGNING",
    "URL_TYPE_CODE",
    "V4_CODE",
    "V4_HEADER_SIGNING",
    "V4_URL_SIGNING",
]

FAQ = "Troubleshoot signature errors"
HEADER_SIGNING = "Include signatures in the Authorization header"
URL_SIGNING = "Add signatures to URLs"
V4_HEADER_SIGNING = "Signature version 4 (recommended)"
V4_URL_SIGNING = "Add V4 signatures to URLs"

Code = tuple[tuple[str, str], ...]

URL_TYPE_CODE: Code = (
    ("oss2", "url = bucket.sign_url('PUT', 'KEY', 3600, headers={'Content-Type': 'image/jpeg'})"),
    (
        "alibabacloud-oss-v2",
        (
            "result = client.presign(oss.PutObjectRequest(bucket='BUCKET', key='KEY', content_type='image/jpeg'))\n"
            "# send result.signed_headers unchanged"
        ),
    ),
    ("curl", "curl -T FILE -H 'Content-Type:' 'SIGNED_URL'    # signed without a type: send none"),
    (
        "browser JavaScript",
        (
            "await fetch(signedUrl, { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' }, body: file })\n"
            "// the value that was signed; signed without a type: body: new Blob([file])"
        ),
    ),
)
HEADER_TYPE_CODE: Code = (
    (
        "oss2",
        (
            "# pip install -U oss2 requests, or name the type, so that it is signed:\n"
            "bucket.complete_multipart_upload('KEY', upload_id, parts, headers={'Content-Type': 'application/xml'})\n"
            "bucket.put_object('KEY', data, headers={'Content-Type': 'image/jpeg'})"
        ),
    ),
    (
        "alibabacloud-oss-v2",
        "client.put_object(oss.PutObjectRequest(bucket='BUCKET', key='KEY', body=data, content_type='image/jpeg'))",
    ),
    ("curl", "curl -T FILE -H 'Content-Type: THE_SIGNED_TYPE' ...    # -T, not -d"),
)
NO_TYPE_CODE: Code = (
    ("oss2", "bucket.put_object('KEY', data, headers={'Content-Type': 'text/plain'})    # signed and sent"),
    ("curl", "curl -T FILE -H 'Content-Type: THE_SIGNED_TYPE' 'SIGNED_URL'"),
)
MD5_CODE: Code = (
    (
        "oss2",
        (
            "md5 = base64.b64encode(hashlib.md5(data).digest()).decode()    # base64 of 16 bytes, not hex\n"
            "bucket.put_object('KEY', data, headers={'Content-MD5': md5})"
        ),
    ),
    ("curl", "openssl md5 -binary FILE | base64    # the value for -H 'Content-MD5: ...'"),
)
SECRET_CODE: Code = (
    ("oss2", "auth = oss2.Auth(key_id.strip(), key_secret.strip())    # both of one and the same access key"),
    (
        "alibabacloud-oss-v2",
        "provider = oss.credentials.StaticCredentialsProvider(key_id.strip(), key_secret.strip())",
    ),
    ("shell", "printf '%s' \"$OSS_ACCESS_KEY_SECRET\" | wc -c    # usually 30; one more is a blank or a line end"),
)
PLUS_CODE: Code = (
    ("Python", "'Signature=' + urllib.parse.quote(signature, safe='')    # + becomes %2B"),
    ("browser JavaScript", "'Signature=' + encodeURIComponent(signature)"),
    ("curl", "curl -G --data-urlencode \"Signature=$SIGNATURE\" 'URL'"),
)
PARAMETER_CODE: Code = (
    ("oss2", "url = bucket.sign_url('GET', 'KEY', 3600, params={'x-oss-process': 'image/resize,w_100'})"),
    (
        "alibabacloud-oss-v2",
        "client.presign(oss.GetObjectRequest(bucket='BUCKET', key='KEY', process='image/resize,w_100'))",
    ),
    ("browser JavaScript", "store.signatureUrl('KEY', { process: 'image/resize,w_100' })"),
)
BUCKET_CODE: Code = (
    (
        "oss2",
        "bucket = oss2.Bucket(auth, 'https://oss-cn-hangzhou.aliyuncs.com', 'BUCKET')    # endpoint without bucket",
    ),
    ("oss2, custom domain", "bucket = oss2.Bucket(auth, 'https://CUSTOM_DOMAIN', 'BUCKET', is_cname=True)"),
    ("alibabacloud-oss-v2", "cfg.endpoint = 'https://CUSTOM_DOMAIN'; cfg.use_cname = True"),
)
KEY_CODE: Code = (
    ("oss2", "bucket.put_object('folder/a+b 中文.txt', data)    # pass the plain key; the SDK encodes it once"),
    ("Python", "urllib.parse.quote(key, safe='/~')    # for the URL; sign the plain key in V1"),
    ("browser JavaScript", "key.split('/').map(encodeURIComponent).join('/')"),
)
METHOD_CODE: Code = (
    ("oss2", "url = bucket.sign_url('PUT', 'KEY', 3600)    # sign the method that will be sent"),
    ("alibabacloud-oss-v2", "client.presign(oss.PutObjectRequest(bucket='BUCKET', key='KEY'))"),
    ("curl", "curl -T FILE 'SIGNED_URL'    # PUT;  curl 'SIGNED_URL' is GET, curl -I is HEAD"),
)
METADATA_CODE: Code = (
    ("oss2", "headers={'x-oss-meta-name': urllib.parse.quote('名字')}    # only ASCII in header values"),
    ("browser JavaScript", "{ 'x-oss-meta-name': encodeURIComponent('名字') }"),
)
STS_CODE: Code = (
    ("oss2", "auth = oss2.StsAuth(key_id, key_secret, security_token)    # the three belong together"),
    (
        "alibabacloud-oss-v2",
        "provider = oss.credentials.StaticCredentialsProvider(key_id, key_secret, security_token)",
    ),
)
SCOPE_CODE: Code = (
    ("oss2", "bucket = oss2.Bucket(oss2.AuthV4(key_id, secret), endpoint, 'BUCKET', region='cn-hangzhou')"),
    ("alibabacloud-oss-v2", "cfg.region = 'cn-hangzhou'    # not oss-cn-hangzhou, not hangzhou"),
    ("curl", "curl --aws-sigv4 is not OSS V4: sign with an SDK or ossutil"),
)
V4_CODE: Code = (
    ("oss2", "auth = oss2.AuthV4(key_id, secret)    # compare your canonical request with the SDK's"),
    ("alibabacloud-oss-v2", "cfg.signature_version = 'v4'"),
)
SIGNATURE_CODE: Code = (
    ("Python, V1", "base64.b64encode(hmac.new(secret, text, hashlib.sha1).digest())    # digest(), not hexdigest()"),
    ("Python, V4", "hmac.new(signing_key, text, hashlib.sha256).hexdigest()"),
)
S3_CODE: Code = (
    (
        "boto3",
        (
            "Config(signature_version='s3', s3={'addressing_style': 'virtual'},\n"
            "       request_checksum_calculation='when_required', response_checksum_validation='when_required')"
        ),
    ),
)
POST_CODE: Code = (
    (
        "Python",
        (
            "policy = base64.b64encode(json.dumps(document).encode())    # one line, no line breaks\n"
            "signature = base64.b64encode(hmac.new(secret, policy, hashlib.sha1).digest())    # over the base64 text"
        ),
    ),
)
TRANSIT_CODE: Code = (
    (
        "oss2",
        "bucket = oss2.Bucket(auth, 'https://oss-cn-hangzhou.aliyuncs.com', 'BUCKET')    # HTTPS: proxies cannot edit",
    ),
    ("curl", "curl --noproxy '*' ...    # once without the proxy"),
)
