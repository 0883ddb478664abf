"""简体中文：一次运行的整体说明。"""

MESSAGES = {
    "pipeline.failures-not-explained": "同一抓包中另有 {count} 个失败请求只计数，未逐一分析。",
    "pipeline.statements-unread": "抓包中有 {count} 条注释本应说明不在抓包里的成功请求，但无法读取。",
    "pipeline.silent-head": (
        "有 {count} 个带签名的 HEAD 请求被拒绝，却看不到原因：HEAD 的响应没有正文，也没有带回 `x-oss-err` 或 "
        "`x-oss-ec`。请把同一请求改为 GET 重新签名发送（加上 `Range: bytes=0-0`），即可得到错误信息。"
    ),
    "pipeline.silent-answer": (
        "有 {count} 个带签名的请求被拒绝，但响应里没有可读的 OSS 错误信息：响应没有正文，或来自客户端与 OSS "
        "之间的其他设备，或抓包不完整（请用 `tcpdump -s0`）。"
    ),
    "pipeline.silent-ids": "技术支持可凭以下 Request ID 查到原因：{ids}。",
}
