"""粘贴文本的用语。以 ``.pasted`` 结尾的键在此类报告中代替同名的句子。"""

MESSAGES: dict[str, str] = {
    "paste.verdict.unanswered": "{count} 个签名请求没有响应：文本中看不出 OSS 是否拒绝了请求。",
    "paste.verdict.no-refusal": "这段文本中没有被拒绝的签名。",
    "paste.took.request": "从文本中读到（{form}）：一个请求，{headers} 个头部。",
    "paste.took.requests": "从文本中读到（{form}）：{count} 个请求。",
    "paste.took.responses": "从文本中读到（{form}）：{count} 个响应，含状态码和头部。",
    "paste.took.answer": "从文本中读到（{form}）：一个错误响应，{code}。",
    "paste.took.bytes": "其中的 StringToSignBytes（{bytes} 字节）已解码，见下，逐行注明名称。",
    "paste.took.fragment": "从文本中读到（{form}）：错误响应的一部分，没有错误码。",
    "paste.took.string": "从文本中读到（{source}）：客户端所述的签名内容，{bytes} 字节。",
    "paste.secret.signs-request": "用所给的 AccessKey Secret 计算，正好得到发出的签名：这个请求的签名是对的。",
    "paste.code-by-bytes": "只有 SignatureDoesNotMatch 的响应带有这样的字节串，因此按该错误处理。",
    "paste.lines-restored": "服务端字符串的换行已丢失；已根据各部分的内容补回。",
    "paste.log-lines-restored": "日志中客户端的字符串丢了空行；除此之外与服务端的相同。",
    "paste.masked": "文本中有掩码部分（***）；掩码处的差异没有意义。",
    "paste.too-long": "文本过长，只查看了前 {limit} MiB。",
    "paste.missing.signature": (
        "如果请求带有签名（Authorization 头或签名 URL），并附上服务端的响应，就能比较签名的内容。"
    ),
    "paste.missing.answer": (
        "如果有服务端的响应（XML，尤其是 StringToSignBytes），就能判断服务端是否对同一个字符串签名。"
    ),
    "paste.missing.answer-to-log": "如果有服务端的响应（XML，尤其是 StringToSignBytes），就能与客户端签名的内容比较。",
    "paste.missing.string-and-request": (
        "如果有完整的错误响应（带 StringToSignBytes 的 XML），就能知道服务端签名的内容；再有请求的头部（`curl -v` "
        "或抓包），就能判断两者是否一致。"
    ),
    "paste.missing.string": (
        "如果有完整的错误响应（带 StringToSignBytes 的 XML），就能把服务端签名的内容与这个请求比较。"
    ),
    "paste.missing.request": (
        "如果有请求的头部（`curl -v` 或抓包），或 SDK 调试日志中的待签名字符串，就能判断参与签名的内容是否在途中"
        "被添加或改动。"
    ),
    "paste.missing.request-of-other": "如果有请求的头部（`curl -v` 或抓包），就能指出服务端不接受的是哪一部分。",
    "paste.missing.secret": (
        "如果有 AccessKey Secret（`--secret-file`，不会离开本机），就能查出客户端实际签名的内容。"
    ),
    "paste.empty": "文本为空。",
    "paste.is-capture": "{path} 是抓包文件，请用 `ossig {path}` 读取。",
    "paste.nothing-known": (
        "文本中没有可识别的内容。可以识别：OSS 的错误 XML、各 SDK 的异常、`curl -v` 的输出、原始 HTTP 请求和响应、"
        "HAR 文件、带待签名字符串的调试日志。"
    ),
    # 代替针对抓包的句子
    "report.heading.facts.pasted": "文本中的其他事实",
    "report.no-request.pasted": "（文本中没有该请求）",
    "report.no-answer.pasted": "文本中没有响应",
    "report.table.no-wire.pasted": "取自服务端的响应；文本中没有请求可供比较。",
    "report.table.no-server.pasted": "根据请求重建；没有响应可供比较。",
    "report.table.same.pasted": "根据请求重建的结果与服务端的逐字节一致。",
    "report.table.differs.pasted": "请求与服务端有 {count} 个字段不同。",
    "report.voice.wire.pasted": "请求",
    "report.difference.missing.pasted": "{field} 不在服务端的字符串中（另一方的第 {offset} 字节）",
    "report.label.over-wire.pasted": "按请求内容计算",
    "report.clock.capture.pasted": "浏览器",
    "diagnosis.nothing-changed.pasted": (
        "根据请求重建的待签名字符串与服务端的逐字节一致：参与签名的内容在输出该文本之后没有变化。"
    ),
    "diagnosis.nothing-changed-by-hash.pasted": (
        "重建的规范请求的哈希值与服务端的相同：参与签名的内容在输出该文本之后没有变化。"
    ),
    "diagnosis.texts-differ.pasted": "文本所示的客户端一方与服务端的字符串有 {fields} 个字段不同。",
    "diagnosis.md5-wrong.pasted": "`Content-MD5` 不是文本中请求体的 MD5。",
    "cause.wrong-secret.not-excluded.pasted": "文本里没有任何内容表明 AccessKey Secret 是对的。",
    "cause.wrong-secret.same-text.pasted": (
        "请求与服务端的字符串一致，所以客户端要么签了别的字符串，要么用了别的 AccessKey Secret。"
    ),
    "cause.altered-in-transit.title.pasted": "请求在到达 OSS 的途中被改动，或文本中的请求不完整",
    "cause.altered-in-transit.added.pasted": "{field}：服务端是 {server}，请求里没有。",
    "cause.altered-in-transit.removed.pasted": "{field}：请求里是 {wire}，服务端没有。",
    "cause.altered-in-transit.changed.pasted": "{field}：请求里是 {wire}，服务端是 {server}。",
    "cause.unknown.nothing-altered.pasted": "已排除：途中被改动。服务端签名的正是这个请求的内容。",
    "cause.unknown.too-little.pasted": "这段文本里的信息太少，无法排除任何原因。",
    "html.local.pasted": "未脱敏：名称和取值与粘贴的文本一致。交给他人之前请加上 `--redact` 运行。",
    "html.request-head.pasted": "文本所示的请求",
    "html.answer-head.pasted": "文本所示的响应",
    "html.footer.pasted": "由 ossig {version} 根据粘贴的文本生成。",
    "html.body-size.pasted": "{length} 字节，文本中有 {captured} 字节",
}
