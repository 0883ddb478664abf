"""简体中文：TCP 报文段里看到的情况。"""

MESSAGES = {
    "tcp.conflicting-retransmission": "第 {frame} 帧重发了 {length} 字节，内容却与先前不同；这里采用先到的字节。",
}
