"""简体中文：TCP 报文段里看到的情况。"""

MESSAGES = {
    "tcp.conflicting-retransmission": "第 {frame} 帧重传了 {length} 字节，内容却与先前不同；这里显示先到的字节。",
    "tcp.unfit": (
        "有 {count} 个带数据的报文段无法读取：它们出现在所属连接结束之后，或序列号与该连接相差太远。"
        "若端口被重复使用，则抓包中缺少后一个连接的开头（SYN）。"
    ),
}
