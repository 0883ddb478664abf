"""简体中文：TCP 报文段里看到的情况。"""

MESSAGES = {
    "tcp.conflicting-retransmission": "第 {frame} 帧重传了 {length} 字节，内容却与先前不同；这里显示先到的字节。",
}
