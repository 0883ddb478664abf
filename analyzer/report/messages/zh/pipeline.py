"""简体中文：一次运行的整体说明。"""

MESSAGES = {
    "pipeline.failures-not-explained": "同一抓包中另有 {count} 个失败请求只计数，未逐一分析。",
    "pipeline.encrypted": "有 {count} 个连接已加密（TLS），没有密钥日志无法读取。",
}
