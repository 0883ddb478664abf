"""简体中文：一次运行的整体说明。"""

MESSAGES = {
    "pipeline.failures-not-explained": "同一抓包中另有 {count} 个失败请求只计数，未逐一分析。",
}
