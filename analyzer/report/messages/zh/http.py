"""简体中文：HTTP 报文的异常之处，以及抓包中缺失的部分。"""

MESSAGES = {
    # 报文头
    "http.body-not-sent": "客户端先询问是否需要请求体（Expect: 100-continue），收到最终响应后没有发送请求体。",
    "http.bare-line-feed": "部分头部行只以 LF 结尾，而不是 CRLF。",
    "http.head-cut": "报文头在 {seen} 字节后中断，没有出现结束的空行。",
    "http.repeated-header": "请求头或响应头 `{header}` 出现了 {times} 次。",
    "http.folded-header": "头部 `{header}` 折成了多行。",
    "http.blank-before-colon": "头部名 `{header}` 与冒号之间有空白。",
    "http.line-without-colon": "有 {lines} 行头部没有冒号，第一行是：{first}",
    "http.raw-bytes-in-target": "请求目标中含有必须做百分号编码的字节：{target}",
    "http.blank-in-target": "请求目标中含有空白：{target}",
    # 报文体
    "http.several-content-lengths": "Content-Length 出现多次且取值不同：{values}",
    "http.content-length-unreadable": "Content-Length 不是数字：{value}",
    "http.length-and-chunked": "同时给出了 Content-Length（{declared}）和 chunked 传输编码，以分块为准。",
    "http.content-length-lies": "Content-Length 声明 {declared} 字节，实际只发送了 {seen} 字节。",
    "http.chunked-broken": "分块传输的格式损坏，其后的内容无法读取。",
    "http.chunked-cut": "分块传输在最后一个分块之前就结束了。",
    # 抓包缺失
    "http.bytes-missing": "抓包缺少此报文的 {missing} 字节。",
    "http.cut-by-gap": "抓包缺少此报文的一部分。",
    "http.status-line-lost": "抓包中没有此响应的状态行。",
    "http.interim-many": "在此响应之前还有 {count} 个中间响应（1xx）。",
    "http.no-answer": "抓包中没有此请求的响应。",
    "http.no-request": "抓包中没有此响应对应的请求。",
    "http.pairing-uncertain": "此处有丢失的数据包，该响应可能属于另一个请求。",
    "http.version-2": "有 {count} 个连接使用未加密的 HTTP/2（h2c），ossig 无法读取。",
}
