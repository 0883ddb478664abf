"""两份抓包对比的用语。"""

MESSAGES: dict[str, str] = {
    # 总体
    "compare.run.signed": "{pairs} 个请求中有 {broken} 个的签名内容或正文在途中被改动；有改动的共 {changed} 个。",
    "compare.run.unsigned": "{pairs} 个请求中有 {changed} 个在途中被改动，但都不涉及签名覆盖的内容。",
    "compare.run.same": "{pairs} 个请求在两侧逐字节一致。",
    "compare.run.same-so-far": "{pairs} 个请求在两份抓包都抓到的部分中一致。",
    "compare.run.nothing-matched": "一份抓包中的请求，在另一份中一个也没有找到。",
    "compare.run.found": "有 {failing} 个请求失败；失败与成功的请求之间有 {traits} 处稳定的差别。",
    "compare.run.none-failed": "两次运行都没有请求失败。",
    "compare.seen.client": "客户端一侧：{path}：{packets} 个数据包，{exchanges} 个 HTTP 请求",
    "compare.seen.server": "服务端一侧：{path}：{packets} 个数据包，{exchanges} 个 HTTP 请求",
    "compare.seen.first": "第一次运行：{path}：{packets} 个数据包，{exchanges} 个 HTTP 请求",
    "compare.seen.second": "第二次运行：{path}：{packets} 个数据包，{exchanges} 个 HTTP 请求",
    "compare.way.traffic": "按同一批流量对比：两份抓包有 {ids} 个相同的 Request ID、{signatures} 个相同的签名，"
    "另有 {dates} 个请求的目标、正文和日期都相同。",
    "compare.way.traffic-forced": "按要求，当作同一批流量对比。",
    "compare.way.empty": "其中一份抓包没有可读取的 HTTP 请求。",
    "compare.way.runs": "按两次运行对比：两份抓包没有相同的 Request ID、签名，也没有目标、正文和日期都相同的请求。",
    "compare.way.runs-forced": "按要求，当作两次运行对比。",
    "compare.offset.ahead": "同一请求在第二份抓包中（按其时钟）晚 {seconds} 秒（{pairs} 对确定匹配的中位数）。",
    "compare.offset.behind": "同一请求在第二份抓包中（按其时钟）早 {seconds} 秒（{pairs} 对确定匹配的中位数）。",
    # 标签
    "compare.side.first": "第一次",
    "compare.side.second": "第二次",
    "compare.side.client": "客户端侧",
    "compare.side.server": "服务端侧",
    "compare.label.matched": "匹配依据",
    "compare.label.field": "字段",
    "compare.label.value": "内容",
    "compare.label.side": "一侧",
    "compare.label.pair": "编号",
    "compare.label.before": "改动前",
    "compare.label.after": "改动后",
    "compare.label.how": "差别在于",
    "compare.label.run": "运行",
    "compare.label.client": "User-Agent",
    "compare.label.works": "成功",
    "compare.label.fails": "失败",
    "compare.label.only-in": "只见于",
    "compare.label.reason": "没有匹配的原因",
    "compare.sighting": "{time}，帧 {frames}，{client} → {server}",
    "compare.ambiguous-pair": "（有歧义：另有 {count} 个同样符合，按时间先后取定）",
    "compare.heading.verdict": "途中发生了什么",
    "compare.heading.request": "请求：{count} 处改动",
    "compare.heading.answer": "响应：{count} 处改动",
    "compare.heading.others": "另有 {count} 个请求发生了同样的改动：",
    "compare.heading.unmatched": "只在一份抓包中出现",
    "compare.heading.agents": "客户端与结果",
    "compare.heading.traits": "失败的请求有何不同",
    "compare.heading.diagnosis": "对失败请求本身的诊断",
    "compare.direction.answer": "从服务端返回客户端的途中",
    "compare.evidence.request-id": "Request ID",
    "compare.evidence.signature": "签名",
    "compare.evidence.date": "目标、正文和日期",
    "compare.evidence.content": "目标和正文",
    "compare.evidence.target": "目标和时间",
    "compare.evidence.body": "正文",
    "compare.evidence.shape": "请求类型与先后顺序",
    "compare.moved": "{names} 换了位置",
    "compare.how.order": "顺序",
    "compare.how.value": "取值",
    "compare.how.case": "取值的大小写",
    "compare.how.name-case": "名称的大小写",
    "compare.how.blanks": "空白",
    "compare.how.folding": "折行",
    "compare.how.line-end": "行尾",
    "compare.how.joined": "多个同名头部合并成一个",
    "compare.how.split": "一个头部拆成了多个",
    "compare.how.escapes": "只是转义写法，解码后相同",
    "compare.how.form": "书写形式",
    "compare.how.length": "长度",
    "compare.how.content": "内容",
    "compare.how.coding": "内容相同，压缩方式不同",
    "compare.signed.breaks": "已签名，改动使签名失效",
    "compare.signed.covered": "已签名",
    "compare.signed.not": "未签名",
    "compare.body": "{length} 字节，MD5 {md5}",
    "compare.body-unknown": "看到 {length} 字节，没有全部抓到",
    # 一对请求
    "compare.verdict.signed-changed": "签名覆盖的内容在途中被改动",
    "compare.verdict.body-changed": "正文在途中被改动",
    "compare.verdict.signed-anew": "请求在途中被重新签名，或签名被改动",
    "compare.verdict.unsigned-changed": "途中有改动，但不影响待签名字符串",
    "compare.verdict.answer-changed": "请求在两侧相同；响应在返回途中被改动",
    "compare.verdict.unchanged": "两侧内容逐字节相同",
    "compare.verdict.unchanged-so-far": "请求头在两侧逐字节相同；正文无法对比",
    "compare.verdict.not-whole": "其中一份抓包里请求头不完整，没有对比",
    "compare.remedy.not-whole": "请用 `tcpdump -s0` 重新抓包，并避免丢包。",
    "compare.no-signature": "该请求没有签名。",
    "compare.signed-unknown": "抓包中看不出该 Host 对应哪个 Bucket；服务端接受了该请求。",
    "compare.verdict.both-work": "两个请求都成功",
    "compare.verdict.both-fail": "两个请求都失败",
    "compare.verdict.first-fails": "第一次运行失败，第二次成功",
    "compare.verdict.second-fails": "第一次运行成功，第二次失败",
    "compare.hop.between": "改动发生在两个抓包点之间：客户端一侧看到请求发往 {near}，服务端一侧看到请求来自 {far}，"
    "问题就在这两者之间。",
    "compare.hop.same-connection": "两份抓包中是同一条连接 {client} → {server}：改动来自连接两端之外的设备。",
    "compare.hop.legs": "{path} 同时抓到了前后两段：从 {near} 进来的请求，由 {far} 发出。",
    "compare.added": "新增 {field}：{after}",
    "compare.removed": "去掉了 {field}：{before}",
    "compare.changed": "{field}：{before} 变成了 {after}",
    "compare.changed-body": "{field} 不再是原来的内容",
    "compare.coded-body": "{field} 内容相同，压缩方式不同",
    "compare.reordered": "{field}：{names} 换了位置",
    "compare.more-changes": "……另有 {count} 处改动。",
    "compare.signed-but-same": "有没有这些改动，待签名字符串都一样。",
    "compare.nothing-signed": "这些都不属于待签名字符串。",
    "compare.body-differs": "两侧正文的长度或摘要不同。",
    "compare.body-digest-signed": "签名覆盖了正文的摘要：服务端会核对并拒绝这个正文。",
    "compare.far-is-server": (
        "按服务端一侧重建的待签名字符串与服务端的 StringToSignBytes 逐字节一致；客户端一侧的只在 {fields} 上不同，"
        "其他完全相同。"
    ),
    "compare.far-is-server-hash": (
        "服务端计算哈希的正是服务端一侧的规范请求；客户端一侧的只在 {fields} 上不同，其他完全相同。"
    ),
    "compare.far-is-text": (
        "按服务端一侧重建的待签名字符串与服务端响应中以文本给出的 StringToSign 一致；客户端一侧的在 {fields} 上不同。"
    ),
    "compare.near-is-server": "服务端计算所用的是客户端一侧的内容：第二份抓包中的改动在其后又被还原。",
    "compare.neither-is-server": "服务端计算所用的内容与两侧都不同：在第二个抓包点之后又被改动过。",
    "compare.both-are-server": "按两侧重建的字符串都与服务端计算所用的完全一致。",
    "compare.secret-both": "用该 AccessKey Secret 对任一侧的字符串签名，都得到所发送的签名。",
    "compare.secret-near": (
        "用该 AccessKey Secret 对客户端一侧的字符串签名，得到所发送的签名，对服务端一侧则不然："
        "客户端签的就是它发送的内容。"
    ),
    "compare.secret-far": (
        "用该 AccessKey Secret 对服务端一侧的字符串签名，得到所发送的签名，对客户端一侧则不然："
        "客户端签的是服务端收到的内容。"
    ),
    "compare.secret-none": (
        "用该 AccessKey Secret 对两侧的字符串签名，都得不到所发送的签名：客户端签的是别的内容，或用了别的 AccessKey "
        "Secret。"
    ),
    "compare.accepted-all-the-same": "反证：服务端仍然接受了该请求。",
    "compare.not-a-mismatch": "响应中没有提到签名问题。",
    "compare.not-why-refused": "因此签名被拒绝并不是这些改动造成的。",
    "compare.remedy.leave-alone": "客户端到 OSS 全程使用 HTTPS，途中就无法改动请求；或者让代理不要改动这些内容："
    "{fields}。",
    "compare.remedy.body": "使用 HTTPS，或关闭途中改写正文的功能（压缩、病毒扫描、图片优化等）。",
    "compare.remedy.anew": "请检查途中负责签名的一方：它的 AccessKey、时钟，以及签了哪些头部。客户端的签名已不起作用。",
    "compare.remedy.answer": "使用 HTTPS，或让代理原样转发响应。",
    "compare.remedy.behind": "两个抓包点之间没有问题。请在更靠近服务端的位置抓包：请求在第二个抓包点之后被改动。",
    "compare.remedy.client": (
        "途中没有问题：服务端读到的就是发送的内容。请检查客户端：对任一抓包运行 `ossig FILE`，有 AccessKey Secret "
        "时加上 `--secret-file`。"
    ),
    "compare.remedy.either": "两个抓包点之间没有问题。请用 `ossig FILE` 检查客户端，或在更靠近服务端的位置抓包。",
    "compare.strings.all-same": "两侧相同，且与服务端的逐字节一致。",
    "compare.strings.same-not-server": "两侧相同，但服务端的与之不同。",
    "compare.strings.same": "两侧相同；服务端的未知。",
    "compare.strings.far-is-server": "服务端一侧与服务端的一致，客户端一侧不同：",
    "compare.strings.differ-not-server": "两侧不同，服务端一侧的也与服务端的不一致：",
    "compare.strings.differ": "两侧不同；服务端的未知：",
    "compare.strings.unknown": "无法在两侧都重建。",
    # 余下的请求
    "compare.reason.outside": "另一份抓包当时没有在运行",
    "compare.reason.answered-on-the-way": "在途中就得到了响应：响应不是 OSS 返回的",
    "compare.reason.left-out": "可能属于另一份抓包中略去的部分",
    "compare.reason.taken": "与另一份抓包中的 {count} 个请求相似，但它们各有更好的匹配",
    "compare.reason.gaps": "另一份抓包不完整",
    "compare.reason.not-found": "另一份抓包中没有：Request ID、签名、目标和正文都对不上",
    "compare.reason.no-request": "抓包中没有请求本身",
    "compare.swapped": "第二份抓包中的响应耗时更长，看来它才是客户端一侧。请把客户端的抓包放在前面。",
    "compare.ambiguous": "有 {count} 对存在歧义：请求完全相同，只能按先后顺序区分。",
    "compare.no-offset": "没有足够确定的匹配来推算两份抓包的时钟差；匹配时未使用时间。",
    "compare.legs": "有 {count} 个请求在同一份抓包中出现了两次，即在某一跳的前后；这两段也作了对比。",
    "compare.left-out": "第 {side} 份抓包：超出上限的 {count} 个请求未作对比。",
    "compare.more-pairs": "另有 {count} 对有改动的请求超出上限，只作计数。",
    "compare.more-groups": "……另有 {count} 类改动；完整内容见 `--format json`。",
    "compare.more-unmatched": "……另有 {count} 个；前面的部分见 `--format json`。",
    "compare.more-traits": "……另有 {count} 处差别；更多内容见 `--format json`。",
    # 两次运行
    "compare.traits.caution": "这只是相关，不是证明：两次运行之间的一切差别都会列在这里。",
    "compare.trait.present": "{field}（{value}）：失败的 {all_failing} 个请求中有 {failing} 个带有，"
    "成功的 {all_working} 个中有 {working} 个带有",
    "compare.trait.missing": (
        "{field}（{value}）缺失：失败的 {all_failing} 个请求中有 {failing} 个带有，成功的 {all_working} 个中有 "
        "{working} 个带有"
    ),
    "compare.trait.value": "{field}：失败的 {all_failing} 个请求都是 {value}，成功的 {all_working} 个都是 {other}",
    "compare.trait.spelling": "{field} 的写法：失败的 {all_failing} 个请求都是 {value}，"
    "成功的 {all_working} 个都是 {other}",
    "compare.trait.order": "{field}：失败的 {all_failing} 个请求都是 {value}，成功的 {all_working} 个都是 {other}",
    "compare.trait.mark": (
        "{field} 具有特征：{mark}；失败的 {all_failing} 个请求中有 {failing} 个，成功的 {all_working} 个中有 "
        "{working} 个"
    ),
    "compare.trait.no-mark": "{field} 没有这一特征：{mark}；成功的 {all_working} 个请求中有 {working} 个具有",
    "compare.trait.signed": "（已签名）",
    "compare.trait.not-signed": "（未签名）",
    "compare.runs.cause": "{cause}，是 {count} 个失败请求的首要原因",
    "compare.runs.see-diagnosis": "对失败的那份抓包运行 `ossig FILE` 可看到完整解释。",
    "compare.runs.none-fails": "两次运行都没有失败的请求：没有可区分的内容。",
    "compare.runs.none-works": "两次运行都没有成功的请求：失败的请求没有可对照的对象。",
    "compare.runs.nothing-alike": "失败的请求在另一次运行中没有同类的成功请求："
    "只能全部放在一起对比，得出的差别参考价值有限。",
}
