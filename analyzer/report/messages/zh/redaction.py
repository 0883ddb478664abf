"""What redaction, the last gate and the evidence bundle say."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "redaction.refused": (
        "没有写出任何内容：{output} 中仍有本应去除的值（{kind}）。请反馈此问题；修复之前请勿分享该报告。"
    ),
    "redaction.failed": "没有写出任何内容：有一个本应去除的值（{kind}）无法从报告中去除。请反馈此问题。",
    "redaction.off": "未脱敏：本报告按发送时的原样显示名称、签名和令牌，请勿外传。",
    "redaction.on": (
        "已脱敏：名称、ID、签名、令牌、地址和正文均已替换为形状相同的其他值；待签名字符串及其字节由替换后的值重新生成。"
    ),
    "redaction.decrypted": (
        "这些请求经 HTTPS 发送，已用客户端的 TLS 会话密钥解密。TLS 密钥和加密的数据包都不会随报告提供："
        "证据包里脱敏后的抓包以明文 HTTP 保存同样的请求。"
    ),
    "redaction.names-kept": "Bucket 名称、Object 名称和主机名按原样显示。",
    "redaction.ticket.ids": "**请协助排查以下请求（Request ID）：**",
    "redaction.ticket.failure": "{time}，{method} 请求返回 {status} {code}（EC {ec}）。",
    "redaction.ticket.failure-without-ec": "{time}，{method} 请求返回 {status} {code}。",
    "redaction.ticket.cause-id": "（`{id}`）",
    "redaction.ticket.none": "该抓包中没有发现被拒绝的签名。",
    "redaction.certainty.proven": "原因（已证实）：",
    "redaction.certainty.likely": "原因（很可能）：",
    "redaction.certainty.possible": "原因（有可能）：",
    "redaction.frame.request": "{finding}：请求，对应原始抓包第 {number} 帧",
    "redaction.frame.response": "{finding}：响应，对应原始抓包第 {number} 帧",
    "redaction.frame.guilty": "；含有 {cause} 的证据（存在差异的字段：{fields}）",
    "redaction.unknown-form": "{path}：输出格式由扩展名（.html、.md、.json、.txt 或 .zip）或 --format 决定。",
}
