"""Chinese: root causes, their evidence and what to do."""

MESSAGES = {
    "cause.proven-by-search": (
        "用所给的 AccessKey Secret 计算，只有一种内容能得到发出的签名。客户端签名时的不同之处：{changes}。"
    ),
    "cause.proven-against-server": (
        "用所给的 AccessKey Secret 计算，只有一种内容能得到发出的签名。客户端签名时与服务端的不同之处：{changes}。"
    ),
    "cause.pairing-uncertain": "此处有丢失的数据包，该响应可能属于另一个请求，因此不能算作已证实。",
    "cause.head-cut-by-loss": "请求头有一部分没有抓到，因此不能算作已证实。",
    "cause.form-cut": "抓包里没有读到表单的全部表单域，因此不能算作已证实。",
    "cause.success-of-another": "但那个请求来自另一个客户端，两者的做法可能不同。",
    "cause.shown-by-log": "客户端自己的日志记录了它签名的内容。签名时与服务端的不同之处：{changes}。",
    "cause.open-rule.signed-by-default": "客户端是按通常的规则签名的。",
    "cause.open-rule.or-changed": "也可能是请求在途中被改动；若有一个类似的请求成功，就能分辨。",
    "cause.open-rule.or-rule": "也可能是服务端有这条文档没有说明的规则；若有一个类似的请求成功，就能分辨。",
    "cause.open-rule.success-deviates": "该服务端接受过的一个请求正是按这条规则签名的。",
    "cause.open-rule.success-by-default": (
        "服务端没有这条规则：它接受过的一个请求并未按此签名。因此它这次收到的不是客户端发送的内容。"
    ),
    "cause.without-request": "没有请求本身可供核对。",
    "cause.search-did-not-confirm": (
        "用所给的 AccessKey Secret 对 {tried} 种内容签名，其中包括这种改动，没有一种能得到发出的签名。"
    ),
    # Content-Type, Content-MD5
    "cause.content-type-after-signing.title": "签名之后 Content-Type 被添加或修改",
    "cause.content-type-after-signing.remedy": "对实际发送的 Content-Type 签名；签名时没有 Content-Type，就不要发送。",
    "cause.content-type-after-signing.in-server-string": "服务端的待签名字符串里有 Content-Type {value}。",
    "cause.content-type-after-signing.on-wire": "请求带有 Content-Type {value}，服务端会对它签名。",
    "cause.content-type-after-signing.client-adds": "{client} 会自行给请求体加上 {value}。",
    "cause.content-type-after-signing.sdk-completes-upload": (
        "{client} 完成分片上传时不设置 Content-Type。在 Python 3 上，旧版 requests 把请求体当作表单数据，在 SDK "
        "签名之后加上了 {value}。"
    ),
    "cause.content-type-after-signing.sdk-adds": "{client} 自己不会选用 {value}；是它的 HTTP 库在 SDK 签名之后加上的。",
    "cause.content-type-after-signing.presigned": (
        "签名在 URL 里，先于上传生成；Content-Type 是发送请求的一方后来加上的。"
    ),
    "cause.content-type-after-signing.generic": "{value} 是未指定类型时 HTTP 库给请求体加上的类型。",
    "cause.content-type-after-signing.success-without": "该 AccessKey 最相近的成功请求没有 Content-Type。",
    "cause.content-type-after-signing.success-with": "该 AccessKey 有带相同 Content-Type 的请求成功。",
    "cause.content-type-after-signing.same-signature-other-type": "同一个签名此前以另一个 Content-Type 发送过。",
    "cause.content-type-not-sent.title": "Content-Type 参与了签名，但没有发送",
    "cause.content-type-not-sent.remedy": "原样发送签名时用的 Content-Type，请求体为空时也一样。",
    "cause.content-type-not-sent.success-with": "该 AccessKey 最相近的成功请求有 Content-Type，本请求没有。",
    "cause.content-type-not-sent.empty-body": (
        "请求体为空且没有 Content-Type：有些 HTTP 库在请求体为空时会丢掉这个请求头。"
    ),
    "cause.content-type-not-sent.presigned": "上传用的签名 URL 往往是按某个 Content-Type 生成的；本请求没有带。",
    "cause.content-md5-wrong.title": "Content-MD5 错误、格式不对，或参与了签名却没有发送",
    "cause.content-md5-wrong.remedy": (
        "发送请求体 MD5（16 字节）的 base64，并用同一个值签名；或者签名和发送都不带这个请求头。"
    ),
    "cause.content-md5-wrong.refused": "服务端认为请求体与其摘要不符。",
    "cause.content-md5-wrong.malformed": "Content-MD5 {value} 不是 16 字节的 base64（常见错误是写成十六进制）。",
    "cause.content-md5-wrong.differs": "Content-MD5 是 {value}，抓包中请求体的是 {body}。",
    "cause.content-md5-wrong.server-has-one": "服务端的字符串里有 Content-MD5，抓到的请求里没有。",
    "cause.content-md5-wrong.success-with": "该 AccessKey 最相近的成功上传带有 Content-MD5，本请求没有。",
    # dates, metadata, form of the string
    "cause.clock-skew.title": "客户端时钟不准，或日期格式不对",
    "cause.clock-skew.remedy": "校准客户端时钟（NTP），日期使用 GMT，然后重新签名。",
    "cause.clock-skew.title-expiry": "过期时间签名时的单位与发送的不同",
    "cause.clock-skew.remedy-expiry": "Expires 用自 1970 年起的秒数，签名与发送用同一串数字。",
    "cause.clock-skew.behind": "客户端时钟比服务端慢 {minutes} 分钟，允许 15 分钟。",
    "cause.clock-skew.ahead": "客户端时钟比服务端快 {minutes} 分钟，允许 15 分钟。",
    "cause.date-header.title": "Date 与 x-oss-date 混淆、缺失或不一致",
    "cause.date-header.remedy": (
        "只发送一个日期。有 x-oss-date 时，待签名字符串的日期行填写它的值，同时它仍要作为请求头参与签名。"
    ),
    "cause.date-header.differ": "Date 是 {date}，x-oss-date 是 {own}；服务端用后者签名。",
    "cause.metadata-encoding.title": "请求头的值在签名时与发送时的字节不同",
    "cause.metadata-encoding.remedy": "请求头的值只用 ASCII：名称和文本先做百分号编码或 base64 编码再签名。",
    "cause.metadata-encoding.empty": "{name} 为空；有些客户端签名时会忽略空的请求头。",
    "cause.metadata-encoding.blanks": "{name} 含有连续空格或制表符；客户端和代理会把它们合并。",
    "cause.metadata-encoding.not-utf8": "实际发送的 {name} 不是 UTF-8（{value}）；客户端很可能按 UTF-8 签名。",
    "cause.metadata-encoding.beyond-ascii": "{name} 含有非 ASCII 字节（{value}）；HTTP 库会用自己的字符集发送这类值。",
    "cause.string-format.title": "待签名字符串的换行或大小写不对",
    "cause.string-format.remedy": (
        "待签名字符串只用单个换行（\\n），每个缺失的请求头留一个空行，方法用大写，资源之后没有换行。"
    ),
    "cause.string-format.lower-case-method": "方法发送为 {method}；签名时使用的也是实际发送的写法。",
    # address
    "cause.wrong-bucket.title": "Bucket 或资源与签名时的不同",
    "cause.wrong-bucket.remedy": (
        "给客户端不含 Bucket 的 Endpoint，并使用 Bucket 的真实名称；Endpoint 是自定义域名时，要在客户端中声明。"
    ),
    "cause.wrong-bucket.server-names": "服务端的待签名字符串里 Bucket 是 {server}。",
    "cause.wrong-bucket.host-differs": (
        "服务端的待签名字符串里 Bucket 是 {server}，而 Host {host} 里是 {wire}。按 {wire} 签名的客户端不可能匹配。"
    ),
    "cause.wrong-bucket.host-without": "服务端的待签名字符串里 Bucket 是 {server}，发往 {host} 的请求里没有 Bucket。",
    "cause.wrong-bucket.text-contradicts": (
        "同一个响应中，以文本给出的 StringToSign 与 StringToSignBytes 里的 Bucket 不同：这个响应可能被改过。"
    ),
    "cause.wrong-bucket.host-id-same": "服务端回显的 Host 与发送的相同（{host}）：它在途中没有被替换。",
    "cause.wrong-bucket.wire-signed": (
        "用所给的 AccessKey Secret 对抓包内容签名，正好得到发出的签名，所以客户端是按抓包中的 Bucket 签名的。"
    ),
    "cause.wrong-bucket.twice": (
        "Bucket {bucket} 既在 Host 里，又在路径开头，服务端会把后者当作 Object 名称的一部分。"
    ),
    "cause.wrong-bucket.custom-domain": (
        "{host} 是自定义域名：只有服务端知道它绑定的 Bucket，客户端则必须知道这是自定义域名。"
    ),
    "cause.wrong-bucket.no-bucket-in-host": (
        "{host} 前面没有 Bucket；公网 Endpoint 只从 Host 里取 Bucket，不从路径里取。"
    ),
    "cause.host-changed.title": "参与签名的 Host 头被替换",
    "cause.host-changed.remedy": "按到达 OSS 的 Host 签名，或让 CDN、代理保留 Host，或不对 Host 签名。",
    "cause.host-changed.server-has": "Host 参与了签名；发送的是 {host}，到达服务端的是 {server}。",
    "cause.host-changed.wire-signed": "用所给的 AccessKey Secret 对抓包内容（含发送的 Host）签名，正好得到发出的签名。",
    "cause.host-changed.echoed": "Host 参与了签名；发送的是 {host}，服务端返回的 HostId 是 {echoed}。",
    "cause.host-changed.proxies": "Host（{host}）参与了签名，并且有代理的痕迹，代理可能替换了它。",
    "cause.key-encoding.title": "签名时 Object 名称的编码与服务端读到的不同",
    "cause.key-encoding.remedy": "用原始的 Object 名称签名（V1），在 URL 里按 UTF-8 只做一次百分号编码，+ 写成 %2B。",
    "cause.key-encoding.successes-plain": "该 AccessKey ID 的成功请求，Object 名称里没有这类字节。",
    "cause.key-encoding.twice-escaped": "Object 名称里有 %25 后跟两位十六进制：像是做了两次百分号编码。",
    "cause.key-encoding.raw-bytes": "Object 名称里有 URL 必须编码的字节，却未经编码直接发送。",
    "cause.key-encoding.decomposed": (
        "Object 名称里字母与变音符号是分开的字符（NFD），macOS 的文件名就是这样；多数客户端按合成形式签名。"
    ),
    "cause.key-encoding.leading-slash": "Object 名称以斜杠开头；多数客户端签名时会去掉它。",
    "cause.key-encoding.double-slash": "Object 名称里有连续两个斜杠；客户端和代理会合并它们。",
    "cause.key-encoding.plus": "Object 名称里有 +，有些客户端把它当作空格。",
    "cause.key-encoding.blank": "Object 名称里有空格，有些客户端签名时写成 + 或 %20。",
    "cause.key-encoding.backslash": "Object 名称里有反斜杠，像是 Windows 路径。",
    "cause.key-encoding.beyond-ascii": "Object 名称里有非 ASCII 字符，签名时必须用 UTF-8。",
    # who signed
    "cause.wrong-secret.title": "AccessKey Secret 与该 AccessKey ID 不符",
    "cause.wrong-secret.remedy": "重新复制同一个 AccessKey 的 AccessKey ID 和 AccessKey Secret，不带空格、换行或引号。",
    "cause.wrong-secret.variant-signs": "签名可以证明：客户端{variant}。",
    "cause.wrong-secret.signs-server-text": (
        "用所给的 AccessKey Secret 对服务端自己的字符串签名，得到的正是发出的签名，服务端却拒绝：服务端为该 "
        "AccessKey ID 保存的是另一个 AccessKey Secret。"
    ),
    "cause.wrong-secret.no-echo": "响应没有回显签名：签名如果在途中被改动，也会这样被拒绝。",
    "cause.wrong-secret.nothing-fits": (
        "用所给的 AccessKey Secret 对 {tried} 种内容签名，没有一种能得到发出的签名：客户端用的是另一个 AccessKey "
        "Secret。"
    ),
    "cause.wrong-secret.same-text": (
        "抓包与服务端的字符串一致，所以客户端要么签了别的字符串，要么用了别的 AccessKey Secret。"
    ),
    "cause.wrong-secret.log-is-server": (
        "客户端日志与服务端的字符串相同，所以签名是用别的 AccessKey Secret 算出的，或在途中损坏。"
    ),
    "cause.wrong-secret.not-excluded": "抓包里没有任何内容表明 AccessKey Secret 是对的。",
    "cause.wrong-secret.others-succeed": "其他客户端用该 AccessKey ID 至少有 {successes} 个请求成功。",
    "cause.wrong-secret.all-fail": "该 AccessKey ID 的 {failures} 个签名请求全部失败，没有一个成功。",
    "cause.access-key.title": "AccessKey ID 不存在、被禁用或格式不对",
    "cause.access-key.remedy": "在 RAM 控制台检查该 AccessKey ID：必须存在、已启用，并且填写时只写 ID 本身。",
    "cause.access-key.assignment": "AccessKey ID 是 {value}：复制的是一条赋值语句，而不是值本身。",
    "cause.access-key.blanks": "AccessKey ID {value} 里有空格或换行。",
    "cause.access-key.placeholder": "AccessKey ID 是 {value}：带着引号、括号，或是没有被替换的变量。",
    "cause.access-key.characters": "{value} 里有 AccessKey ID 不会有的字符。",
    "cause.access-key.known": "服务端比较了签名，说明它有该 AccessKey ID 对应的 AccessKey Secret。",
    "cause.security-token.title": "安全令牌缺失、未签名、已过期或放错位置",
    "cause.security-token.remedy": (
        "使用同一次 STS 响应里的 AccessKey ID、AccessKey Secret 和安全令牌；令牌以 x-oss-security-token 发送（V1、V2 "
        "的 URL 里是 security-token），并参与签名。"
    ),
    "cause.security-token.temporary-id-unknown": (
        "服务端答复该临时 AccessKey ID（STS.…）不存在：没有同时发送安全令牌时就会这样。"
    ),
    "cause.security-token.temporary-id-without-token": "该 AccessKey ID 是临时的（STS.…），请求却没有带安全令牌。",
    "cause.security-token.in-header": "该 AccessKey ID 是临时的（STS.…），安全令牌却放错了位置：在请求头 {name} 里。",
    "cause.security-token.in-query": "该 AccessKey ID 是临时的（STS.…），安全令牌却放错了位置：在查询参数 {name} 里。",
    "cause.security-token.belongs-in-header": "采用这种签名方式时，安全令牌应放在请求头 {name} 里。",
    "cause.security-token.belongs-in-query": "采用这种签名方式时，安全令牌应放在查询参数 {name} 里。",
    "cause.security-token.belongs-in-form": "采用这种签名方式时，安全令牌应放在表单域 {name} 里。",
    "cause.security-token.let-pass": "OSS 先检查安全令牌，再比较签名；而这里已经比较了签名。",
    "cause.security-token.token-of-other-id": "AccessKey ID 不是临时的，却同时发送了安全令牌。",
    "cause.security-token.header-of-signed-url": "签名在 URL 里，令牌却在请求头里；令牌必须在 URL 里并参与签名。",
    "cause.security-token.may-be-unsigned": "请求带有安全令牌；签名时漏掉令牌就不可能匹配。",
    "cause.signature-encoding.title": "签名的写法不符合该版本的要求",
    "cause.signature-encoding.remedy": (
        "V1：HMAC-SHA1 结果（20 字节）的 base64。V2：HMAC-SHA256 结果（32 字节）的 base64。V4：64 位小写十六进制。"
    ),
    "cause.signature-encoding.shape": "对 {variant} 来说签名的形式不对：客户端{shape}。",
    "cause.signature-encoding.may-be-cut": "形式正确的签名被截掉末尾，也会是这个样子。",
    "cause.signature-encoding.length": "签名（{length} 个字符）解不出 {variant} 所需的 {wanted} 字节。",
    "cause.signature-version.title": "该签名版本被拒绝",
    "cause.signature-version.remedy": "使用 V4 签名，或该 Endpoint 接受的签名版本。",
    # on the way
    "cause.altered-in-transit.title": "请求在抓包点与 OSS 之间被改动",
    "cause.altered-in-transit.remedy": "使用 HTTPS，或绕过代理、CDN，或让它们原样转发方法、请求头和查询参数。",
    "cause.altered-in-transit.remedy-signed-anew": (
        "CDN 或代理自行对请求重新签名：让它原样转发 Authorization，或为它配置正确的 AccessKey"
        "（阿里云 CDN：检查私有 Bucket 回源配置）。"
    ),
    "cause.altered-in-transit.other-signature": "发出的签名是 {sent}，服务端读到的却是 {read}：签名在途中被替换。",
    "cause.altered-in-transit.plus-unescaped": (
        "发出的签名是 {sent}，其中的 + 已编码为 %2B；服务端读到的却是 {read}：途中有设备对 URL 做了解码。"
    ),
    "cause.altered-in-transit.other-key-id": "请求用 AccessKey ID {sent} 签名，服务端返回的却是 {read}。",
    "cause.altered-in-transit.wire-signed": (
        "用所给的 AccessKey Secret 对抓包内容签名，正好得到发出的签名；服务端计算时用的是别的内容。"
    ),
    "cause.altered-in-transit.may-be-rule": "没有文档说明服务端如何处理这样的请求，也可能是服务端自己这样解读的。",
    "cause.altered-in-transit.hash-differs": "服务端规范请求的哈希值与抓到的请求的不同；看不出是哪一部分不同。",
    "cause.altered-in-transit.no-proxy-seen": "没有请求头或响应头表明途中有代理。",
    "cause.altered-in-transit.added": "{field}：服务端是 {server}，抓包里没有。",
    "cause.altered-in-transit.removed": "{field}：抓包里是 {wire}，服务端没有。",
    "cause.altered-in-transit.changed": "{field}：抓包里是 {wire}，服务端是 {server}。",
    "cause.altered-in-transit.log-differs": "客户端日志与服务端的字符串在 {fields} 处不同，没有已知的改动能够解释。",
    "cause.altered-in-transit.log-is-wire": "客户端日志表明，它签名的正是这个请求的内容。",
    "cause.altered-in-transit.trace": "代理留下的痕迹：{header}: {value}",
    "cause.method-mismatch.title": "签名用的方法与发送的方法不同",
    "cause.method-mismatch.remedy": "为每种方法分别生成签名 URL：GET 的 URL 不能用于 PUT、HEAD 或 DELETE。",
    "cause.method-mismatch.presigned": "这是签名 URL，以 {method} 发送；多数签名 URL 是为 GET 或 PUT 生成的。",
    "cause.method-mismatch.may-be": "这是签名 URL；可能是为 {method} 之外的方法生成的。",
    "cause.method-mismatch.accepted": (
        "同一个签名在 {before} 请求上被接受（状态码 {status}），这里却用于 {now}。一个签名只对应一种方法。"
    ),
    "cause.method-mismatch.seen": "同一个签名此前用于 {before} 请求（状态码 {status}），这里却用于 {now}。",
    "cause.stale-request.title": "已签名的请求改动后再次发送",
    "cause.stale-request.remedy": "每次重试都重新签名；不要把响应头复制到请求里。",
    "cause.stale-request.other-date": "同一个签名此前以另一个日期发送过。",
    "cause.stale-request.other-target": "同一个签名此前用于另一个 URL。",
    "cause.stale-request.answer-headers": "请求里有只会出现在响应中的头：{names}。",
    "cause.header-after-signing.title": "签名之后添加了请求头，或请求头没有计入签名",
    "cause.header-after-signing.remedy": (
        "让签名代码看到请求的所有 x-oss-* 头（S3 为 x-amz-*），签名之后不要再添加这类头。"
    ),
    "cause.header-after-signing.signed": "服务端会对请求的这些头签名：{names}。",
    "cause.header-after-signing.of-cdns": "{name} 是 CDN 或代理加到请求上的，客户端不会发送。",
    "cause.header-after-signing.presigned": "签名在 URL 里，先于请求生成；这些头是发送者后来加到请求上的。",
    "cause.header-after-signing.success-without": "该 AccessKey 最相近的成功请求没有这些请求头。",
    "cause.duplicate-headers.title": "参与签名的请求头出现两次，或折成多行",
    "cause.duplicate-headers.remedy": "每个参与签名的请求头只发送一次，并且只占一行。",
    "cause.duplicate-headers.twice": "发送了不止一次：{names}。各方合并或舍弃这类行的方式不同。",
    "cause.duplicate-headers.folded": "{name} 折成了多行。",
    # URLs and queries
    "cause.plus-in-signature.title": "签名里的 + 在 URL 中没有写成 %2B",
    "cause.plus-in-signature.remedy": "把签名放进 URL 之前先做百分号编码。",
    "cause.plus-in-signature.blank": ("服务端读到的签名是 {value}：本该是 + 的地方成了空格。换回 + 后长度正好。"),
    "cause.plus-in-signature.echoed": "服务端回显的签名里也是空格：{value}。",
    "cause.url-damaged.title": "签名 URL 被截断、重复编码或做了 HTML 转义",
    "cause.url-damaged.remedy": "原样传递生成的 URL：不做 HTML 或 JSON 转义，不在 & 处截断。",
    "cause.url-damaged.html-escaped": "查询字符串里有名为 {name} 的参数：& 被写成了 &amp;。",
    "cause.url-damaged.json-escaped": "URL 里本该是 & 的地方是 \\u0026。",
    "cause.url-damaged.escaped-twice": "URL 里的签名做了两次百分号编码：{value}。",
    "cause.url-damaged.blanks": "URL 里的签名前后有空格或换行。",
    "cause.url-damaged.cut-short": (
        "用 AccessKey Secret 算出的签名有 {wanted} 个字符，URL 里的签名正是其中前 {length} 个：URL 被截断了。"
    ),
    "cause.url-damaged.cut": "URL 里的签名只有 {length} 个字符，应为 {wanted} 个：URL 被截断了。",
    "cause.parameter-after-signing.title": "签名之后查询参数被添加、删除或修改",
    "cause.parameter-after-signing.remedy": "签名时就传入所有参数；不要往签名 URL 后面追加参数。",
    "cause.parameter-after-signing.behind-signature": "URL 里签名之后还有服务端会签名的参数：{names}。",
    "cause.parameter-after-signing.signed": "URL 里有服务端会签名的参数：{names}。",
    "cause.subresource-list.title": "客户端与服务端对哪些查询参数参与签名不一致",
    "cause.subresource-list.remedy": "升级 SDK，或把该参数加入签名代码的子资源列表。",
    "cause.subresource-list.client-lacks": "{client} 不对 {names} 签名，而服务端会。",
    "cause.subresource-list.disagreement": "并非所有签名代码都对 {names} 签名；客户端漏掉它时签名就不可能匹配。",
    "cause.query-encoding.title": "查询参数签名时的写法与服务端解读的不同",
    "cause.query-encoding.remedy": (
        "V1：用未编码的原始值签名。V2 和 V4：除字母、数字和 -_.~ 外都做百分号编码，空格写作 %20，斜杠写作 %2F。"
        "没有值的参数名后不带 =（S3 V4 总是带）。按参数名排序。"
    ),
    "cause.url-expired.title": "签名 URL 或请求已过期",
    "cause.url-expired.remedy": "重新签名，需要时延长有效期。",
    "cause.url-expired.by": "按服务端时钟，它在返回此响应之前 {seconds} 秒就已过期。",
    # version 4, S3 clients, forms
    "cause.v4-scope.title": "V4 签名的 Credential 里地域、产品或日期不对，或与派生签名密钥所用的不同",
    "cause.v4-scope.remedy": (
        "使用 Bucket 的地域 ID（例如 cn-hangzhou）、产品 oss，以及当天的 UTC 日期，"
        "并按发送的 Credential 重新派生签名密钥。"
    ),
    "cause.v4-scope.refused-value": "被拒绝的值是 {value}。",
    "cause.v4-scope.region-differs": "Credential 里的地域是 {said}，Host 所在地域是 {wanted}。",
    "cause.v4-scope.date-form": "Credential 里的日期是 {said}；必须是八位数字。",
    "cause.v4-scope.date-differs": "Credential 里的日期是 {said}，请求的时间却是 {stamp}。",
    "cause.v4-scope.product": "Credential 里的产品是 {said}；应为 oss。",
    "cause.v4-algorithm.title": "V4 签名是按别的规则计算的",
    "cause.v4-algorithm.remedy": (
        "遵循 OSS V4 的规则，而不是 AWS 的：派生签名密钥的前缀为 aliyun_v4，部分请求头默认参与签名，使用 "
        "UNSIGNED-PAYLOAD，host 只有列入 AdditionalHeaders 时才参与签名。"
    ),
    "cause.v4-algorithm.title-v2": "V2 签名是按别的规则计算的",
    "cause.v4-algorithm.remedy-v2": (
        "按 OSS V2 的规则：除 x-oss-* 外，只对 AdditionalHeaders 列出的头签名；或改用 V4 签名。"
    ),
    "cause.v4-algorithm.own-signer": "客户端不是已知的 SDK；自己写的签名代码最容易混淆 AWS 与 OSS 的规则。",
    "cause.v4-algorithm.signed-headers": (
        "Authorization 里有 SignedHeaders，那是 AWS 的写法；OSS 用 AdditionalHeaders。"
    ),
    "cause.v4-algorithm.terminator": "Credential 以 {said} 结尾；必须是 aliyun_v4_request。",
    "cause.v4-algorithm.payload": "x-oss-content-sha256 是 {said}；OSS 只接受 UNSIGNED-PAYLOAD。",
    "cause.v4-algorithm.no-payload-header": "缺少 x-oss-content-sha256 请求头。",
    "cause.s3-client.title": "S3 客户端用了 OSS 不支持的功能",
    "cause.s3-client.remedy": (
        "在 S3 客户端里关闭分块签名和新的校验和，使用虚拟主机（virtual-hosted）方式访问；或改用 OSS SDK。"
    ),
    "cause.s3-client.s3-rules": "请求按 S3 规则签名，OSS 只支持其中一部分。",
    "cause.s3-client.aws-chunked": "请求体以 aws-chunked 方式发送，每个分块都带签名。",
    "cause.s3-client.unsigned-header": "这些 x-amz 请求头发送了却没有签名：{names}。",
    "cause.s3-client.checksum": "客户端发送了新版 AWS SDK 的校验和请求头。",
    "cause.post-policy.title": "表单的 Policy 或其签名不对",
    "cause.post-policy.remedy": "对表单里 Policy 的 base64 文本原样签名，该文本不能换行。",
    "cause.post-policy.not-the-text": "签名的可能不是发送的 Policy 字段的文本（签了 JSON 而不是 base64）。",
    "cause.post-policy.missing": "表单里没有 Policy。",
    "cause.post-policy.line-breaks": "Policy 的 base64 里有换行。",
    "cause.post-policy.percent": "Policy 做了百分号编码；表单字段应原样发送。",
    "cause.post-policy.plain-json": "Policy 直接以 JSON 发送；必须是 JSON 的 base64。",
    "cause.post-policy.not-base64": "Policy 不是有效的 base64。",
    "cause.post-policy.not-json": "Policy 解码后不是 JSON 对象。",
    # nothing fits
    "cause.unknown.title": "与已知的原因都不相符",
    "cause.unknown.remedy": (
        "用 `--secret-file` 提供 AccessKey Secret，就会搜索客户端实际签名的内容。请在客户端从第一个包开始抓，"
        "并抓完整的包（-s0）。"
    ),
    "cause.unknown.nothing-altered": "已排除：途中被改动。服务端签名的正是抓包所示的内容。",
    "cause.unknown.secret-works": "已排除：AccessKey Secret 错误。该 AccessKey 至少另有 {successes} 个请求成功。",
    "cause.unknown.signature-arrived": "已排除：签名损坏。服务端回显的就是发出的签名。",
    "cause.unknown.too-little": "这个响应里的信息太少，无法排除任何原因。",
}
