"""Words that anybody may read: names of products, the server's own sentences, public labels, file name extensions.

A word is kept only in the place that its list is for. All words are in lower case.
"""

from __future__ import annotations

__all__ = ["DATE_WORDS", "EXTENSIONS", "HOST_WORDS", "METHODS", "POLICY_WORDS", "PRODUCT_WORDS", "SENTENCE_WORDS"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words of HTTP dates and ISO 8601 stamps (RFC 9110, section 5.6.7; its obsolete forms too).
DATE_WORDS = frozenset(
    b"mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday jan feb mar apr may jun jul "
    b"aug sep oct nov dec gmt utc t z am pm".split()
)

METHODS = frozenset(b"GET PUT POST DELETE HEAD OPTIONS PATCH TRACE CONNECT COPY MOVE".split())

#: Operators and field names of a PostObject policy (API reference "PostObject").
POLICY_WORDS = frozenset(
    b"expiration conditions eq starts-with content-length-range in not-in bucket key $key $bucket $content-type "
    b"$success_action_status success_action_status success_action_redirect $success_action_redirect content-type "
    b"cache-control content-encoding x-oss-date x-oss-credential x-oss-signature-version x-oss-security-token "
    b"x-oss-object-acl x-oss-forbid-overwrite x-oss-storage-class $x-oss-date $x-oss-credential "
    b"$x-oss-signature-version $x-oss-security-token $x-oss-object-acl".split()
)

#: Lower-case words of clients, proxies and platforms in User-Agent, Server, Via and X-Cache, numbers aside.
PRODUCT_WORDS = _words(
    """
    aliyun alibabacloud alibaba oss sdk python java go golang js javascript node nodejs browser php ruby c cpp net
    dotnet csharp android ios swift rust harmony mini program wechat miniprogram ossutil ossutil64 ossfs ossftp
    ossbrowser ossimport aws cli boto3 botocore s3 s3cmd s3fs rclone minio mc amz lib
    linux windows darwin macos mac os x nt ubuntu debian centos alpine redhat generic el6 el7 el8 el9 x86 x64 amd64
    arm64 aarch64 armv7l i386 i686 win64 win32 intel wow64 cpu like
    curl wget requests urllib urllib3 httpx aiohttp http client httpclient apache okhttp axios got undici fetch
    libcurl openssl zlib brotli nghttp2 unsplash reactor netty jetty postman postmanruntime postman-runtime
    mozilla chrome chromium safari firefox edge gecko applewebkit webkit khtml version mobile iphone ipad
    openjdk 64 bit server vm hotspot jre jdk corretto cpython pypy async
    aliyunoss nginx tengine kunlun squid varnish haproxy envoy istio apache2 httpd openresty cloudflare cloudfront
    akamai akamaighost swift cache hit miss from tcp mem refresh dirn none expired pass proxy gateway kong traefik
    caddy iis microsoft httpapi powered by
    """
)

#: Lower-case words of the sentences that OSS puts into ``<Message>`` (help pages of the error codes).
SENTENCE_WORDS = _words(
    """
    a about access accesskeyid according account action additional after algorithm all allow allowed already also an
    and any anonymous api are argument as at authorization authentication authenticate available bad be because been
    before belong belongs between body both bucket but by bytes calculated call can cannot cause change check checked
    checksum client computed condition conditions configuration configured content contact contains content-length
    content-md5 content-type correct could create created credential credentials crc64 current data date default
    delete denied deny difference different digest disabled do document does domain doesn during each either empty
    enabled encoding endpoint entity error exceed exceeded exceeds exist existed exists expect expected expired expires
    expiration failed field file find for forbidden form format found from future get give given gmt greater has have
    header headers here hmac host http https id if illegal in inactive include incorrect internal invalid iso8601 is
    it its key keys large last legal length less limit list long longer malformed many match matched matches maximum
    maybe md5 message method methods minimum minutes missing modified more must name named names near need needs
    negative new no not null number object objects of on one only operation or oss other out owner parameter
    parameters part parts path payload permission please point policy position post precondition preconditions
    prefix private process product provide provided proxy public put query range read readable reason refer region
    request requested requester requests required resource response right role root same scope second seconds secret
    security see send sent server service sha1 sha256 sha-256 should sign signature signed signing size skew small so
    some source specified specify sse start state status still storage string style sts such support supported
    temporary than that the their them then there these they this those time timestamp to token too try
    type unable unauthorized unknown unsupported upload uploaded uri url use used user uses using valid value values
    verify version virtual was way we website well were when where whether which while will with within without wrong
    x-oss-content-sha256 x-oss-date x-oss-security-token xml yes you your
    signaturedoesnotmatch oss4 aws aws4 request aliyun v4 forbid t z s
    """
)

#: Labels at the end of custom host names that say nothing of their owner.
HOST_WORDS = _words(
    "com cn net org io co gov edu info dev app cloud top xyz site local internal lan intra hk tw jp us uk eu sg de fr "
    "privatelink oss-cloudbox oss-cloudbox-control oss aliyuncs amazonaws"
)

#: File name extensions in keys: clients guess the media type by them.
_EXTENSIONS = _words(
    "jpg jpeg png gif webp bmp svg ico mp3 mp4 mov avi flv m3u8 ts mpd wav txt md csv json xml html htm js css map pdf "
    "doc docx xls xlsx ppt pptx zip gz tar tgz bz2 xz zst 7z rar jar war apk ipa exe dmg iso bin dat log sql db orc "
    "parquet avro yaml yml conf ini sh py java go php woff woff2 ttf eot"
)
EXTENSIONS = frozenset(word.encode() for word in _EXTENSIONS)
