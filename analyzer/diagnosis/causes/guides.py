"""Documentation by title, and lines of code that put things right.

Code is for oss2, alibabacloud-oss-v2, curl and, where browsers are concerned, JavaScript; remarks in it stand as keys
of the catalogues, between braces. Titles are keys, too: those of the OSS documentation, found by searching for them
there.
"""

from __future__ import annotations

__all__ = [
    "BUCKET_CODE",
    "EXTRA_HEADER_CODE",
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
    "QUERY_CODE",
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

FAQ = "guide.signature-errors"
HEADER_SIGNING = "guide.signature-in-header"
URL_SIGNING = "guide.signature-in-url"
V4_HEADER_SIGNING = "guide.v4-in-header"
V4_URL_SIGNING = "guide.v4-in-url"

Code = tuple[tuple[str, str], ...]

URL_TYPE_CODE: Code = (
    ("oss2", "url = bucket.sign_url('PUT', 'KEY', 3600, headers={'Content-Type': 'image/jpeg'})"),
    (
        "alibabacloud-oss-v2",
        (
            "result = client.presign(oss.PutObjectRequest(bucket='BUCKET', key='KEY', content_type='image/jpeg'))\n"
            "# {guide.send-headers}"
        ),
    ),
    ("curl", "curl -T FILE -H 'Content-Type:' 'SIGNED_URL'    # {guide.send-no-type}"),
    (
        "browser JavaScript",
        (
            "await fetch(signedUrl, { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' }, body: file })\n"
            "// {guide.signed-type}"
        ),
    ),
)
HEADER_TYPE_CODE: Code = (
    (
        "oss2",
        (
            "# {guide.name-the-type}\n"
            "bucket.complete_multipart_upload('KEY', upload_id, parts, headers={'Content-Type': 'application/xml'})\n"
            "bucket.put_object('KEY', data, headers={'Content-Type': 'image/jpeg'})"
        ),
    ),
    (
        "alibabacloud-oss-v2",
        "client.put_object(oss.PutObjectRequest(bucket='BUCKET', key='KEY', body=data, content_type='image/jpeg'))",
    ),
    ("curl", "curl -T FILE -H 'Content-Type: THE_SIGNED_TYPE' ...    # {guide.upload-not-data}"),
)
NO_TYPE_CODE: Code = (
    ("oss2", "bucket.put_object('KEY', data, headers={'Content-Type': 'text/plain'})    # {guide.signed-and-sent}"),
    ("curl", "curl -T FILE -H 'Content-Type: THE_SIGNED_TYPE' 'SIGNED_URL'"),
)
MD5_CODE: Code = (
    (
        "oss2",
        (
            "md5 = base64.b64encode(hashlib.md5(data).digest()).decode()    # {guide.md5-base64}\n"
            "bucket.put_object('KEY', data, headers={'Content-MD5': md5})"
        ),
    ),
    ("curl", "openssl md5 -binary FILE | base64    # {guide.md5-value}"),
)
SECRET_CODE: Code = (
    ("oss2", "auth = oss2.Auth(key_id.strip(), key_secret.strip())    # {guide.one-pair}"),
    (
        "alibabacloud-oss-v2",
        "provider = oss.credentials.StaticCredentialsProvider(key_id.strip(), key_secret.strip())",
    ),
    ("shell", "printf '%s' \"$OSS_ACCESS_KEY_SECRET\" | wc -c    # {guide.secret-length}"),
)
PLUS_CODE: Code = (
    ("Python", "'Signature=' + urllib.parse.quote(signature, safe='')    # {guide.plus-escaped}"),
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
QUERY_CODE: Code = (
    ("Python, V2 and V4", "urllib.parse.quote(value, safe='-_.~')    # {guide.query-in-string}"),
    ("Python, V1", "'key' if not value else f'key={value}'    # {guide.plain-value}"),
    (
        "browser JavaScript",
        "encodeURIComponent(value).replace(/[!'()*]/g, c => '%' + c.charCodeAt(0).toString(16).toUpperCase())",
    ),
)
BUCKET_CODE: Code = (
    (
        "oss2",
        "bucket = oss2.Bucket(auth, 'https://oss-cn-hangzhou.aliyuncs.com', 'BUCKET')    # {guide.bare-endpoint}",
    ),
    ("oss2, custom domain", "bucket = oss2.Bucket(auth, 'https://CUSTOM_DOMAIN', 'BUCKET', is_cname=True)"),
    ("alibabacloud-oss-v2", "cfg.endpoint = 'https://CUSTOM_DOMAIN'; cfg.use_cname = True"),
)
KEY_CODE: Code = (
    ("oss2", "bucket.put_object('folder/a+b 中文.txt', data)    # {guide.plain-key}"),
    ("Python", "urllib.parse.quote(key, safe='/~')    # {guide.key-in-url}"),
    ("browser JavaScript", "key.split('/').map(encodeURIComponent).join('/')"),
)
METHOD_CODE: Code = (
    ("oss2", "url = bucket.sign_url('PUT', 'KEY', 3600)    # {guide.sign-method}"),
    ("alibabacloud-oss-v2", "client.presign(oss.PutObjectRequest(bucket='BUCKET', key='KEY'))"),
    ("curl", "curl -T FILE 'SIGNED_URL'    # {guide.curl-methods}"),
)
EXTRA_HEADER_CODE: Code = (
    (
        "oss2",
        (
            "bucket.put_object('KEY', data, headers={'x-oss-object-acl': 'private'})    # {guide.signer-sees-all}\n"
            "url = bucket.sign_url('PUT', 'KEY', 3600, headers={'x-oss-object-acl': 'private'})"
        ),
    ),
    (
        "alibabacloud-oss-v2",
        "client.put_object(oss.PutObjectRequest(bucket='BUCKET', key='KEY', body=data, acl='private'))",
    ),
)
METADATA_CODE: Code = (
    ("oss2", "headers={'x-oss-meta-name': urllib.parse.quote('名字')}    # {guide.ascii-values}"),
    ("browser JavaScript", "{ 'x-oss-meta-name': encodeURIComponent('名字') }"),
)
STS_CODE: Code = (
    ("oss2", "auth = oss2.StsAuth(key_id, key_secret, security_token)    # {guide.three-together}"),
    (
        "alibabacloud-oss-v2",
        "provider = oss.credentials.StaticCredentialsProvider(key_id, key_secret, security_token)",
    ),
)
SCOPE_CODE: Code = (
    ("oss2", "bucket = oss2.Bucket(oss2.AuthV4(key_id, secret), endpoint, 'BUCKET', region='cn-hangzhou')"),
    ("alibabacloud-oss-v2", "cfg.region = 'cn-hangzhou'    # {guide.region-name}"),
    ("curl", "{guide.curl-sigv4}"),
)
V4_CODE: Code = (
    ("oss2", "auth = oss2.AuthV4(key_id, secret)    # {guide.compare-canonical}"),
    ("alibabacloud-oss-v2", "cfg.signature_version = 'v4'"),
)
SIGNATURE_CODE: Code = (
    ("Python, V1", "base64.b64encode(hmac.new(secret, text, hashlib.sha1).digest())    # {guide.digest}"),
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
            "policy = base64.b64encode(json.dumps(document).encode())    # {guide.one-line}\n"
            "signature = base64.b64encode(hmac.new(secret, policy, hashlib.sha1).digest())    # {guide.over-base64}"
        ),
    ),
)
TRANSIT_CODE: Code = (
    (
        "oss2",
        "bucket = oss2.Bucket(auth, 'https://oss-cn-hangzhou.aliyuncs.com', 'BUCKET')    # {guide.https}",
    ),
    ("curl", "curl --noproxy '*' ...    # {guide.no-proxy}"),
)
