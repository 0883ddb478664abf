"""Chinese: why an HTTPS connection could not be opened, and what to do about it."""

MESSAGES: dict[str, str] = {
    "tls.closed": "有 {count} 个加密连接（TLS）无法读取，或只能读取一部分。",
    "tls.closed-alike": "与 {server} 的另外 {count} 个连接也是如此。",
    "tls.closed-others": "另有 {count} 个加密连接未逐一说明。",
    # Nothing opened
    "tls.keylog-missing": "与 {server} 的连接（{time}）是加密的，而没有提供 TLS 密钥日志，因此看不到请求和响应的内容。",
    "tls.keylog-holds-nothing": "与 {server} 的连接（{time}）是加密的，而 TLS 密钥日志里没有可用的行。",
    "tls.no-key": (
        "TLS 密钥日志（{sessions} 个会话）里没有与 {server} 的连接（{time}）的密钥：找不到 client random {random}…。"
        "日志可能由别的程序或之前的运行写下（环境变量中遗留的 `SSLKEYLOGFILE` 也算），"
        "也可能在客户端与抓包点之间有代理终结了 TLS，这时两侧各有各的密钥。"
    ),
    "tls.key-does-not-fit": (
        "TLS 密钥日志里有 client random {random}… 的行，但其中的密钥解不开与 {server} 的连接（{time}）上的任何记录。"
        "该行已损坏或不完整。"
    ),
    "tls.secrets-missing": (
        "TLS 密钥日志里有与 {server} 的连接（{time}），但缺少其 TLS 版本所需的密钥：TLS 1.2 及以下需要 "
        "`CLIENT_RANDOM`，TLS 1.3 需要两个方向的 `TRAFFIC_SECRET` 行。"
    ),
    "tls.handshake-secrets-only": (
        "对于与 {server} 的连接（{time}），TLS 密钥日志里只有握手密钥，没有数据密钥。客户端在握手中途退出，"
        "或日志复制得过早，都会这样。"
    ),
    "tls.handshake-not-captured": (
        "抓包开始时，与 {server} 的 TLS 连接（首包 {time}）已经建立。没有它的第一条消息（ClientHello），"
        "就无法查找密钥。"
    ),
    "tls.handshake-hole": "抓包缺少与 {server} 的 TLS 握手（{time}）的部分数据包，无法查找密钥。",
    "tls.no-answer": "抓包里没有与 {server} 的连接（{time}）上服务端的响应（ServerHello）。",
    "tls.version-unsupported": "与 {server} 的连接（{time}）使用 {version}，无法解密；可以解密的是 TLS 1.0 到 1.3。",
    "tls.suite-unsupported": "与 {server} 的连接（{time}）使用加密套件 {suite}，无法解密。",
    "tls.compression": "与 {server} 的连接（{time}）使用了 TLS 压缩（方法 {method}），这里无法还原。",
    "tls.renegotiated-without-key": (
        "客户端和服务端中途重新协商了密钥（{server}，{time}），而 TLS 密钥日志里没有新密钥，此后的内容无法读取。"
    ),
    "tls.lost-track": "与 {server} 的加密连接（{time}）缺失过多，无法重新找到记录的位置。",
    "tls.key-too-far": "读到这里为止，抓包里还没有与 {server} 的连接（{time}）的密钥，而能暂存等待的数据已达上限。",
    # What to do
    "tls.remedy-write-keylog": "先开始抓包，再重新运行程序并让它写下 TLS 会话密钥，然后把两者交给 ossig：",
    "tls.remedy-line-client": "`SSLKEYLOGFILE=keys.log python app.py`",
    "tls.remedy-line-ossig": "`ossig capture.pcap --keylog keys.log`",
    "tls.remedy-clients": (
        "oss2、requests、urllib3、httpx 和 curl 都支持该变量；直接使用 `ssl.SSLContext` 时需要设置 "
        '`context.keylog_filename = "keys.log"`。Node 用 `NODE_OPTIONS=--tls-keylog=keys.log node app.js`；'
        "Go 需要在代码里设置 `tls.Config.KeyLogWriter`；Java 需要 agent。如果都做不到而条件允许，"
        "可改用 `http://` 的 Endpoint 重现一次：签名方式相同。"
    ),
    "tls.remedy-start-earlier": "先开始抓包，再启动程序，这样才能看到连接的开头。",
    "tls.remedy-hole": (
        "用更大的缓冲区重新抓包（`tcpdump -B 65536 -s 0 -w capture.pcap`），尽量靠近客户端，并按主机过滤。"
    ),
    "tls.remedy-key-too-far": (
        "把 TLS 密钥日志放到数据包之前：`editcap --inject-secrets tls,keys.log capture.pcapng with-keys.pcapng`，"
        "或用 `--keylog` 提供。直接从磁盘读取的未压缩文件会被整个搜索。"
    ),
    "tls.remedy-certificate": "请先解决握手问题：最常见的原因是客户端不信任服务端的证书。",
    "tls.remedy-suite": "让客户端使用常见的套件（例如 TLS 1.2 或 1.3 的 AES-GCM），然后重新抓包。",
    # Remarks
    "tls.decrypted": "传输时是加密的（{version}，{suite}），已用客户端的 TLS 会话密钥解密。",
    "tls.keylog-empty": "TLS 密钥日志里没有可用的行。",
    "tls.keylog-lines-skipped": "TLS 密钥日志有 {count} 行无法读取，已跳过（读到 {sessions} 个会话）。",
    "tls.http2": (
        "与 {server} 的连接（{time}）使用 HTTP/2。OSS 使用 HTTP/1.1，ossig 也只分析 HTTP/1.1，因此未分析其中的请求。"
    ),
    "tls.early-data-closed": (
        "客户端在与 {server} 的连接（{time}）上发送了早期数据（0-RTT），而 TLS 密钥日志里没有 "
        "`CLIENT_EARLY_TRAFFIC_SECRET`，因此无法读取第一个请求。"
    ),
    "tls.records-lost": "抓包不完整，有 {count} 条加密记录无法读取。",
    "tls.overlap": "有 {count} 段加密数据出现了两次且内容不同，以先出现的为准。",
    "tls.certificate-refused": (
        "客户端拒绝了 {server} 在 {time} 出示的证书（alert {alert}），因此没有发出请求。"
        "途中是否有代理出示了自己的证书？"
    ),
    "tls.certificate-refused-issuer": (
        "客户端拒绝了 {server} 在 {time} 出示的证书（alert {alert}），因此没有发出请求。该证书由 {issuer} 签发："
        "如果这不是真正服务端的签发机构，说明途中有代理终结了 TLS 并出示了自己的证书。"
    ),
    "tls.alert-from-client": "客户端以 alert {alert} 结束了与 {server} 的加密连接（{time}）。",
    "tls.alert-from-server": "服务端以 alert {alert} 结束了与 {server} 的加密连接（{time}）。",
    "tls.remarks-others": "同类说明另有 {count} 条，已省略。",
}
