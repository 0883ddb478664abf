"""Chinese: what reading captures has to say."""

MESSAGES = {
    # Nothing can be read
    "capture.nothing-given": "没有指定抓包文件。",
    "capture.no-stdin": "要求从标准输入（-）读取，但这里没有标准输入。",
    "capture.not-there": "{path}：文件不存在。",
    "capture.no-permission": "{path}：没有读取权限。用 sudo 抓取的文件通常属于 root，请用 ls -l 查看。",
    "capture.is-directory": "{path} 是目录。",
    "capture.cannot-open": "{path}：无法打开（{reason}）。",
    "capture.empty": "{path} 是空文件（0 字节）。抓包程序是否在写入之前就被停止了？",
    "capture.unknown-format": "{path} 不是抓包文件：第 {offset} 字节处是 {magic}，pcap 和 pcapng 都不这样开头。",
    "capture.is-text": "{path} 是文本，不是抓包文件：错误响应、异常和日志请用 `ossig explain {path}` 读取。",
    "capture.directory-empty": "{path}：目录为空。",
    "capture.other-format": (
        "{path} 是 {format}，不是 pcap 或 pcapng（第 {offset} 字节：{magic}）。如果里面有数据包，请先转换或解压，"
        "例如：editcap -F pcap 输入 输出"
    ),
    "capture.corrupt-start": "{path}：压缩数据从开头就已损坏。",
    "capture.directory-without-captures": "{path}：该目录下的 {files} 个文件都不是抓包文件。",
    "capture.no-match": "{path}：没有匹配的文件。",
    "capture.changed": "{path} 在读取其他文件期间被替换，已不是抓包文件。",
    # The file ends early
    "capture.cut": (
        "文件在一条记录中间结束：第 {frame} 帧，第 {offset} 字节处，只剩 {bytes} 字节。此前的内容都已读取。"
        "文件仍在写入或抓包被强行终止时，出现这种情况是正常的。"
    ),
    "capture.corrupt": "压缩数据损坏或不完整：解压出 {offset} 字节后停止，位于第 {frame} 帧之前。此前的内容都已读取。",
    "capture.bad-record": (
        "第 {frame} 帧（第 {offset} 字节）声称长 {length} 字节，这不可能：文件在此处损坏。此前的内容都已读取，"
        "之后的没有读取。"
    ),
    "capture.bad-section": "从第 {offset} 字节开始的节（section）无法判断字节序，读取到此为止。",
    "capture.read-error": "在第 {offset} 字节处读取失败。此前的内容都已读取。",
    # The file was read, but
    "capture.no-packets": "抓包文件里没有数据包。",
    "capture.unknown-link-type": (
        "有 {packets} 个包的链路类型是 {name}（编号 {number}），本程序无法从中找到 TCP。请直接在网卡上抓包，"
        "或把文件转换为以太网或原始 IP（raw IP）格式。"
    ),
    "capture.packets-without-interface": "有 {count} 个包引用了文件中没有描述的接口，已跳过。",
    "capture.snapped": "有 {packets} 个包被 snaplen 截断，缺少部分字节。请抓取完整的包：tcpdump -s 0",
    "capture.drops": "抓包端丢失了 {packets} 个包。请增大缓冲区（tcpdump -B 65536）或缩小过滤范围。",
    "capture.fragments-missing": "有 {packets} 个 IP 分片包始终没有凑齐，其中的数据缺失。",
    "capture.fragments-conflict": "有 {overlaps} 个 IP 分片与其他分片重叠且内容不同，以在前的字节为准。",
    "capture.too-many-addresses": (
        "抓包中的 IPv6 地址多于本程序能区分的数量；有 {packets} 次地址未被收录，相应的包已跳过。"
        "请用过滤条件缩小抓包范围。"
    ),
}
