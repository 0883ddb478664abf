"""Chinese: facts that hold without a secret."""

MESSAGES = {
    "diagnosis.echo-same": "服务端回显的签名与发出的签名相同：签名在途中没有被改动。",
    "diagnosis.echo-differs": "服务端回显的签名是 {echoed}，而发出的是 {sent}。",
    "diagnosis.nothing-changed": "根据抓包重建的待签名字符串与服务端的逐字节一致：参与签名的内容在抓包点之后没有变化。",
    "diagnosis.nothing-changed-by-hash": "重建的规范请求的哈希值与服务端的相同：参与签名的内容在抓包点之后没有变化。",
    "diagnosis.texts-differ": "根据抓包重建的待签名字符串与服务端的有 {fields} 个字段不同。",
    "diagnosis.text-contradicts-bytes": (
        "响应中以文本给出的 StringToSign 与 StringToSignBytes 内容不一致，以字节为准。这个响应被人或程序改过。"
    ),
    "diagnosis.key-works": (
        "此抓包中该 AccessKey ID 至少有 {successes} 个签名请求成功，{failures} 个失败：该 AccessKey 可用。"
    ),
    "diagnosis.key-works-elsewhere": (
        "本次抓包中该 AccessKey ID 至少有 {successes} 个签名请求成功，{failures} 个失败：AccessKey Secret 本身可用。"
        "但成功的请求都不是由该客户端（按地址和 User-Agent 区分）发出的，它用的可能是另一个 AccessKey Secret。"
    ),
    "diagnosis.key-works-stated": (
        "此抓包的注释说明该 AccessKey ID 至少有 {successes} 个签名请求成功；{failures} 个失败：该 AccessKey 可用。"
    ),
    "diagnosis.key-works-stated-elsewhere": (
        "本抓包的注释说明该 AccessKey ID 至少有 {successes} 个签名请求成功；{failures} 个失败："
        "AccessKey Secret 本身可用。"
        "但其中没有说明由该客户端（按地址和 User-Agent 区分）发出的请求，它用的可能是另一个 AccessKey Secret。"
    ),
    "diagnosis.apart-from-success": "本请求有而最相近的成功请求没有的特征：{traits}。",
    "diagnosis.secret-verified": "用所给的 AccessKey Secret 能算出该 AccessKey ID 另一个成功请求的签名。",
    "diagnosis.secret-does-not-verify": (
        "用所给的 AccessKey Secret 算不出该 AccessKey ID 另一个成功请求的签名：那里用的不是这个 AccessKey Secret。"
    ),
    "diagnosis.same-signature": "同一个签名此前出现在一个 {method} 请求上（响应 {status}）。",
    "diagnosis.md5-wrong": "`Content-MD5` 不是抓包中请求体的 MD5。",
    "diagnosis.md5-right": "`Content-MD5` 与请求体的 MD5 一致。",
    "diagnosis.md5-malformed": "`Content-MD5` 不是 16 字节的 base64。",
    "diagnosis.crc64-wrong": "`x-oss-hash-crc64ecma` 不是抓包中请求体的 CRC-64。",
    "diagnosis.crc64-right": "`x-oss-hash-crc64ecma` 与请求体的 CRC-64 一致。",
    "diagnosis.sha256-wrong": "`x-amz-content-sha256` 不是抓包中请求体的 SHA-256。",
    "diagnosis.sha256-right": "`x-amz-content-sha256` 与请求体的 SHA-256 一致。",
    "diagnosis.clocks-agree": "客户端与服务端的时钟相差 {seconds} 秒，在允许的 15 分钟之内。",
    "diagnosis.clocks-apart": "客户端与服务端的时钟相差 {minutes} 分钟，超过允许的 15 分钟。",
    "diagnosis.proxy-trace": "代理留下的痕迹：{header}: {value}",
    "diagnosis.host-id-differs": "请求发往 {host}，服务端返回的 HostId 却是 {host_id}：中间有设备替换了 Host。",
    "diagnosis.client": "客户端自称 {agent}，即 {client}。",
    "diagnosis.excluded": (
        "共对 {tried} 种内容签名：{edits} 种改动（单独和组合），{secrets} 种形式的 AccessKey Secret。没有一种相符。"
    ),
    "diagnosis.search-stopped": "搜索在尝试同时 {level} 处改动时达到上限而停止。",
    "diagnosis.signature-unreadable": "发出的签名不是任何已知形式的摘要，无法搜索。",
    "diagnosis.nothing-to-sign": "抓包和响应里都没有待签名字符串。",
    "diagnosis.sdk-not-installed": "没有安装 oss2，无法用它核对。",
    "diagnosis.sdk-takes-no-such-bytes": "oss2 无法对这样的请求签名：它只接受有效的 UTF-8 文本。",
    "diagnosis.sdk-has-other-signer": "此版本的 oss2 的签名方式与已知的不同。",
    "diagnosis.otherwise.signed": "有 {count} 个请求失败，但原因不是签名：{answer}。",
    "diagnosis.otherwise.unsigned": "有 {count} 个未签名的请求失败：{answer}。",
    "diagnosis.otherwise.more": "另有 {count} 个请求因其他错误码失败。",
}
