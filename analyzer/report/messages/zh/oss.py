"""简体中文：OSS 如何解读请求、服务端规则与错误码。"""

MESSAGES = {
    # 解读请求
    "oss.too-many-parameters": "URL 的查询参数超过 {kept} 个，最后 {left} 个未读取。",
    "oss.authority-differs-from-host": "请求行中的主机与 Host 头不一致，这里以 Host 头为准。",
    "oss.authorization-malformed": "`Authorization` 头缺少 {part} 部分。",
    "oss.authorization-stray": "`Authorization` 头中有一段不是 `name=value` 的形式：{part}。",
    "oss.credential-malformed": (
        "Credential 有 {parts} 段，应为 5 段（AccessKey ID、日期、地域、产品、`aliyun_v4_request`）。"
    ),
    "oss.parameter-missing": "签名 URL 缺少 `{name}`，或其值为空。",
    "oss.form-field-missing": "表单缺少字段 `{name}`，或其值为空。",
    "oss.form-cut": "表单在某个字段中间结束，其后的内容未被抓到或没有发送。",
    "oss.signed-twice": "请求在 URL 和 `Authorization` 头中各带了一个签名，OSS 会拒绝这样的请求。",
    "oss.token-in-header-of-signed-url": "URL 已签名，但安全令牌放在请求头里；OSS 只接受放在 URL 参数中的令牌。",
    # 请求发往哪里
    "oss.cname-bucket": "{host} 是自定义域名，抓包中看不到它绑定的 Bucket；服务端的待签名字符串中是 {bucket}。",
    "oss.cname-bucket-unknown": (
        "{host} 不是 OSS 的 Endpoint（可能是自定义域名）。抓包中看不到它绑定的 Bucket，因此无法重建待签名字符串。"
    ),
    "oss.bucket-differs": "请求访问的 Bucket 是 {wire}，服务端计算签名用的 Bucket 是 {server}。",
    "oss.bucket-only-at-server": "请求没有指明 Bucket，服务端计算签名用的 Bucket 是 {server}。",
    # 错误响应
    "oss.error-bytes-damaged": "错误响应中的 `{element}` 无法完整读出。",
    "oss.error-cut": "错误响应缺少结束标签，缺失的部分未被抓到或没有发送。",
    "oss.error-header-unreadable": "响应的 `x-oss-err` 头不是有效的 base64。",
    "oss.error-html-escaped": "错误响应经过 HTML 转义（`&lt;Code&gt;`），已还原后读取。",
    "oss.error-value-padded": "错误响应中 `{element}` 的值前后有空格。",
    # 没有文档说明的服务端规则
    "oss.rules-by-bytes": "根据抓包重建的字符串与服务端的逐字节一致。",
    "oss.rules-by-hash": "根据抓包重建的规范请求，其 SHA-256 与服务端待签名字符串中的一致。",
    "oss.rules-none-fits": (
        "按任何已知方式解读该请求都得不到服务端的字符串：服务端收到的与抓到的不同，或服务端用了没有文档说明的规则。"
    ),
    "oss.rules-not-decided": "服务端没有说明它对什么内容签名，因此只按文档中的规则重建了字符串。",
    "oss.parameters-uncertain": "{names} 是否参与签名，各客户端做法不一；重建时采用了多数客户端的做法。",
    "oss.rule.plus-in-path-is-blank": "路径中的 `+` 在服务端的字符串里是空格：该服务端这样解读，或途中被改动。",
    "oss.rule.bucket-without-slash": "该服务端的 Bucket 资源末尾不带斜杠（2012 年的写法）。",
    "oss.rule.empty-headers-dropped": "服务端的字符串里没有值为空的请求头：该服务端忽略它们，或途中被删除。",
    "oss.rule.blanks-collapsed": "请求头值中的连续空格在服务端的字符串里只有一个：该服务端会合并，或途中被合并。",
    "oss.rule.duplicate-headers-first": (
        "出现多次的同名请求头，在服务端的字符串里只有第一个：该服务端只取它，或其余的途中被删除。"
    ),
    "oss.rule.duplicate-headers-last": (
        "出现多次的同名请求头，在服务端的字符串里只有最后一个：该服务端只取它，或其余的途中被删除。"
    ),
    "oss.rule.slashes-merged": "路径中的连续斜杠在服务端的字符串里只有一个：该服务端会合并，或途中被合并。",
    "oss.rule.dot-segments-removed": (
        "路径中的 `.` 和 `..` 在服务端的字符串里没有了：该服务端会解析它们，或途中被改写。"
    ),
    "oss.rule.unknown-parameters-signed": "该服务端对所有以 `x-oss-` 开头的参数签名。",
    "oss.rule.parameter-signed": "服务端把 {names} 计入了签名，而各 SDK 的子资源列表中都没有。",
    "oss.rule.parameter-not-signed": "服务端的字符串里没有 {names}，而部分 SDK 会计入：该服务端不计入，或途中被删除。",
    # EC 的含义
    "oss.ec.v1-mismatch": "V1 签名与服务端计算的不一致。",
    "oss.ec.v2-mismatch": "V2 签名与服务端计算的不一致。",
    "oss.ec.v4-mismatch": "V4 签名与服务端计算的不一致。",
    "oss.ec.v4-ip-mismatch": "限制了 IP 或 VPC 的 URL，其 V4 签名与服务端计算的不一致。",
    "oss.ec.s3-v2-mismatch": "S3 V2 签名与服务端计算的不一致。",
    "oss.ec.s3-v4-mismatch": "S3 V4 签名与服务端计算的不一致。",
    "oss.ec.s3-chunked-mismatch": "`aws-chunked` 上传的 S3 签名与服务端计算的不一致。",
    "oss.ec.ip-restricted": "URL 限制了 IP 或 VPC（`x-oss-ac-*`），其签名与服务端计算的不一致。",
    "oss.ec.only-v4-header": "该 Bucket（CloudBox）只接受 `Authorization` 头中的 V4 签名。",
    "oss.ec.bad-version": "`x-oss-signature-version` 的值不是 OSS 支持的版本。",
    "oss.ec.v1-refused": "该账号或 Bucket 已不再接受 V1 签名。",
    "oss.ec.token-missing": "AccessKey ID 是临时的（`STS.` 开头），但没有随之发送安全令牌。",
    "oss.ec.token-of-another-key": "安全令牌与 AccessKey ID 不配套。",
    "oss.ec.token-in-header": "URL 已签名，但安全令牌放在了请求头里。",
    "oss.ec.token-malformed": "安全令牌格式错误或被截断。",
    "oss.ec.token-expired": "安全令牌已过期。",
    "oss.ec.v1-prefix": "`Authorization` 头不是以 `OSS` 加一个空格开头。",
    "oss.ec.v1-no-colon": "`Authorization` 头中 AccessKey ID 与签名之间没有冒号。",
    "oss.ec.v1-no-key": "`Authorization` 头中没有 AccessKey ID，或其前面有两个空格。",
    "oss.ec.v1-key-characters": "`Authorization` 头中的 AccessKey ID 含有非法字符。",
    "oss.ec.v1-no-signature": "`Authorization` 头中的签名为空。",
    "oss.ec.expires-missing": "签名 URL 没有 `Expires`。",
    "oss.ec.expires-empty": "签名 URL 中的 `Expires` 为空。",
    "oss.ec.expired": "签名 URL 已超过 `Expires` 指定的时间。",
    "oss.ec.expires-not-seconds": "签名 URL 中的 `Expires` 不是自 1970 年起的秒数。",
    "oss.ec.url-key-missing": "签名 URL 没有 `OSSAccessKeyId`。",
    "oss.ec.url-key-empty": "签名 URL 中的 `OSSAccessKeyId` 为空。",
    "oss.ec.url-key-characters": "签名 URL 中的 `OSSAccessKeyId` 含有非法字符。",
    "oss.ec.url-signature-missing": "签名 URL 缺少 `Signature`、`Expires` 或 `OSSAccessKeyId`。",
    "oss.ec.url-signature-empty": "签名 URL 中的 `Signature` 为空。",
    "oss.ec.additional-header-absent": "AdditionalHeaders 中列出了没有到达服务端的请求头，或名称含下划线的请求头。",
    "oss.ec.v2-malformed": "`Authorization` 头不符合 V2 签名的格式。",
    "oss.ec.signature-empty": "签名为空。",
    "oss.ec.v4-malformed": "`Authorization` 头不符合 V4 签名的格式。",
    "oss.ec.v4-date": "Credential 中的日期格式错误，或不是当天的 UTC 日期。",
    "oss.ec.v4-credential": "Credential 格式错误（必须以 `aliyun_v4_request` 结尾）。",
    "oss.ec.v4-payload": "`x-oss-content-sha256` 不是 `UNSIGNED-PAYLOAD`，而 OSS 只接受这个值。",
    "oss.ec.v4-expires": "缺少 `x-oss-expires`，或其值不在 1 到 604800 秒之间。",
    "oss.ec.v4-url-credential": "签名 URL 的 credential 参数缺失、为空或格式错误。",
    "oss.ec.v4-region": "Credential 中的地域不是 Bucket 所在的地域。",
    "oss.ec.v4-product": "Credential 中的产品与该 Endpoint 不符。",
    "oss.ec.s3-date": "Credential 中的日期与 `x-amz-date` 不一致。",
    "oss.ec.s3-signature-length": "`X-Amz-Signature` 不是 64 位十六进制数字。",
    "oss.ec.s3-payload": "`x-amz-content-sha256` 格式错误，或不是请求体的 SHA-256。",
    "oss.ec.s3-unsigned-header": "请求带有没有列入 SignedHeaders 的 `x-amz-*` 请求头。",
    "oss.ec.skewed": "请求的时间与服务端时钟相差超过 15 分钟。",
    "oss.ec.date-format": "请求的时间无法解析。",
    "oss.ec.date-missing": "请求既没有 `Date` 也没有 `x-oss-date`。",
    "oss.ec.form-signature-missing": "表单没有签名字段。",
    "oss.ec.form-signature-empty": "表单的签名字段为空。",
    "oss.ec.form-signature-field": "签名放在了其他签名版本的表单字段里。",
    "oss.ec.form-date": "表单中 `x-oss-date` 或 credential 的日期格式错误。",
    "oss.ec.form-s3-v2": "不支持用 S3 V2 签名的表单。",
    "oss.ec.form-region": "表单 `x-oss-credential` 中的地域不是 Bucket 所在的地域。",
    "oss.ec.form-malformed": "请求体不是格式正确的 `multipart/form-data` 表单。",
    "oss.ec.form-policy-expired": "表单的 Policy 已过期。",
    "oss.ec.key-characters": "AccessKey ID 含有非法字符。",
    "oss.ec.key-unknown": "AccessKey ID 不存在。",
    "oss.ec.key-disabled": "AccessKey 已被禁用，或限制了来源 IP。",
    "oss.ec.md5-malformed": "`Content-MD5` 不是 16 字节的 base64。",
    "oss.ec.md5-differs": "`Content-MD5` 与服务端收到的请求体的 MD5 不一致。",
    "oss.ec.denied": "签名正确，但该 AccessKey 没有权限。",
    "oss.ec.denied-bucket-policy": "签名正确，但 Bucket Policy 拒绝了该请求。",
    "oss.ec.denied-ram": "签名正确，但 RAM 用户或角色的权限策略拒绝了该请求。",
    "oss.ec.denied-anonymous": "请求没有签名，而 Bucket 不是公开的。",
    "oss.ec.bucket-name": "从主机名得不到合法的 Bucket 名称。",
    "oss.ec.no-bucket": "Bucket 不存在。",
    # 没有 EC 的错误码与消息
    "oss.code.mismatch": "签名与服务端计算的不一致。",
    "oss.code.token-not-taken": "该操作不支持安全令牌。",
    "oss.code.path-style": "OSS 要求 Bucket 写在主机名中（`bucket.endpoint`），而不是路径中。",
    "oss.code.host-not-bound": "该主机名没有绑定到 Bucket，或不允许用于该 Bucket。",
    "oss.code.signed-twice": "请求在 URL 和 `Authorization` 头中各带了一个签名。",
    "oss.code.authorization-invalid": "服务端无法解析 `Authorization` 头；私有云网关遇到不支持的签名版本时会这样响应。",
    "oss.code.aws-chunked": "上传使用了 S3 的 `aws-chunked` 编码，该服务端不支持。",
    "oss.code.other-endpoint": "Bucket 在其他地域，响应中给出了它的 Endpoint。",
    # 处理办法
    "oss.remedy.compare-strings": "把客户端签名用的字符串与服务端的逐行对比，第一处不同的行就是原因。",
    "oss.remedy.use-sdk": "改用官方 SDK 生成签名，或修正上面指出的部分。",
    "oss.remedy.sign-again": "重新生成签名 URL，并按 SDK 给出的原样发送，不要改动。",
    "oss.remedy.sign-once": "签名 URL 与 `Authorization` 头只能用其中一个。",
    "oss.remedy.send-token": (
        "重新获取临时访问凭证，AccessKey ID、AccessKey Secret 和安全令牌三者必须配套使用。令牌放在 "
        "`x-oss-security-token` 头中；使用签名 URL 时放在 URL 里。"
    ),
    "oss.remedy.set-clock": "用 NTP 校准客户端时钟（UTC），然后重新签名。",
    "oss.remedy.set-region": (
        "签名时填写 Bucket 所在地域的 ID：`cn-hangzhou`，不是 `oss-cn-hangzhou`，也不带 `-internal`。"
    ),
    "oss.remedy.set-product": "签名时产品填写 `oss`（CloudBox 为 `oss-cloudbox`）。",
    "oss.remedy.check-access-key": "在 RAM 控制台检查该 AccessKey ID：是否存在、是否启用、复制时是否完整且没有空格。",
    "oss.remedy.use-v4": "改用 V4 签名：升级 SDK，把签名版本设为 v4，并填写地域。",
    "oss.remedy.check-policy": "签名没有问题，请检查 RAM 权限策略、Bucket Policy 和 ACL。",
    "oss.remedy.check-address": "检查 Endpoint 和 Bucket 名称，以及自定义域名是否已绑定到该 Bucket。",
    "oss.remedy.check-form": "对照 PostObject 文档检查表单字段是否符合所用的签名版本。",
    "oss.remedy.send-right-md5": "`Content-MD5` 应为实际发送的请求体的 MD5（16 字节）的 base64，否则不要发送该请求头。",
    "oss.remedy.send-date": "发送签名时的 GMT 时间，如 `Date: Tue, 23 May 2023 15:24:55 GMT`。",
    "oss.remedy.s3-client": (
        "按 OSS 的要求配置 S3 客户端：使用虚拟主机（virtual-hosted）方式访问，关闭 `aws-chunked` 上传，"
        "仅在必要时计算校验和。"
    ),
}
