"""本机检查的用语。"""

MESSAGES: dict[str, str] = {
    "doctor.right": "本机没有发现问题。",
    "doctor.warnings": "本机没有发现问题；有 {count} 条警告。",
    "doctor.wrong": "本机有 {count} 处问题。",
    "doctor.examined": "检查对象：Python {version}（{path}），{system}。",
    "doctor.examined-no-python": "检查对象：{system}；无法获取 Python 的信息。",
    "doctor.no-connection": "没有建立任何连接；用 `--clock URL` 可与服务器的时钟比较。",
    "doctor.verdict.ok": "正常",
    "doctor.verdict.warning": "警告",
    "doctor.verdict.wrong": "有误",
    "doctor.verdict.unknown": "未知",
    "doctor.python.unknown": "无法查看 Python 的软件包。",
    "doctor.python.not-run": "--python 指定的 {path} 无法运行：{reason}。",
    "doctor.python.no-python": "--python 指定的 {path} 不像是 Python。",
    "doctor.crcmod.missing": "装有 SDK，却没有安装它依赖的 crcmod。",
    "doctor.crcmod.broken": "crcmod 已安装但不可用（{problem}）：SDK 会出错，或不计算 CRC。",
    "doctor.crcmod.fast": "crcmod 用上了 C 扩展：本机 CRC-64 速度为 {fast} MB/s；不用 C 扩展则为 {slow} MB/s。",
    "doctor.crcmod.slow": "crcmod 没有用上 C 扩展：CRC-64 速度只有 {slow} MB/s，SDK 的上传和下载不会比这更快。",
    "doctor.crcmod.reinstall": (
        "先卸载两者（`pip uninstall crcmod crcmod-plus`），再安装 SDK 需要的那个：oss2 用 `crcmod`，"
        "alibabacloud-oss-v2 用 `crcmod-plus`。"
    ),
    "doctor.crcmod.build": (
        "安装 C 编译器和 Python 头文件（gcc、python3-dev 或 python3-devel），然后 `pip uninstall crcmod`，再 "
        "`pip install --no-cache-dir --no-binary crcmod crcmod`；`crcmod-plus` 自带编译好的扩展。"
    ),
    "doctor.owner.foreign": "装有 {package}，但 `crcmod` 目录里不是它的文件：属于别的软件包，或被改过。",
    "doctor.owner.mixed": "crcmod 和 crcmod-plus 都装在 `crcmod` 目录里，而其中的文件对哪一个来说都不完整。",
    "doctor.owner.clobbered": (
        "crcmod 和 crcmod-plus 都装在 `crcmod` 目录里，现有的是 {standing} 的文件。卸载或升级其中一个之前都能用。"
    ),
    "doctor.owner.keep": "不要只卸载其中一个：两个都卸载，再安装需要的那个。",
    "doctor.packages.none": "这个 Python 里既没有 OSS SDK，也没有 requests。",
    "doctor.packages.versions": "已安装：{packages}。",
    "doctor.packages.upgrade": "`pip install -U {package}`",
    "doctor.known.leading-slash": "此版本的 oss2 不对 Object 名称开头的斜杠转义，会报 SignatureDoesNotMatch。",
    "doctor.known.token-unsigned": "此版本的 oss2 不对 `security-token` 签名，用 STS 签名的 URL 会被拒绝。",
    "doctor.known.crc-always": "此版本的 oss2 在响应没有 CRC-64 时也会校验。",
    "doctor.known.oss2-adds": "oss2 自己设置 User-Agent，并阻止 requests 添加 Accept-Encoding。",
    "doctor.known.requests-utf8": "此版本的 requests 无法发送非 ASCII 的请求体。",
    "doctor.known.requests-adds": (
        "requests 会添加 Accept、Connection，以及 Content-Length 或 Transfer-Encoding；它们都不参与签名。"
    ),
    "doctor.known.urllib3-normalises": (
        "urllib3 会消去路径中的 `.` 和 `..`，并把转义序列写成大写：请按实际发送的 Object 名称签名。"
    ),
    "doctor.added.signed": "requests 会自行给字节形式的请求体加上 {names}，而它参与签名：请求会失败。",
    "doctor.added.harmless": "本机实测，requests 给字节形式的请求体加上：{names}。它们都不参与签名。",
    "doctor.rewritten": "本机实测，urllib3 把 {before} 发送为 {after}。",
    "doctor.proxy.none": "环境变量中没有代理。",
    "doctor.proxy.bypassed": "{variable} 指向 {proxy}；no_proxy 使 {host} 不经过它。",
    "doctor.proxy.used": "{variable} 指向 {proxy}：发往 {host} 的请求会经过它，它可能改动参与签名的内容。",
    "doctor.proxy.remedy": "使用 https，它就无法改动；或把 {host} 加入 no_proxy，与不经代理的结果比较。",
    "doctor.netrc": "netrc 文件中有 {host} 的条目：requests 会用它替换 OSS 的 Authorization 头。",
    "doctor.netrc.remedy": "删除该条目，或设置 `session.trust_env = False`。",
    "doctor.clock.unknown": "无法取得 {host} 的时间（{reason}）。",
    "doctor.clock.right": "本机时钟与 {host} 相差 {seconds} 秒。",
    "doctor.clock.off": "本机时钟比 {host} 快 {seconds} 秒（负数表示慢）。",
    "doctor.clock.far": "本机时钟比 {host} 快 {seconds} 秒（负数表示慢）；超过 900 秒 OSS 会拒绝请求。",
    "doctor.clock.no-url": "--clock 需要 http 或 https 地址。",
    "doctor.clock.remedy": "用 NTP 校时（`timedatectl set-ntp true`、`w32tm /resync`）。",
    "doctor.capture.allowed": "可以在本机抓包（{tool}）。",
    "doctor.capture.denied": "没有在本机网卡上抓包的权限；读取抓包文件不需要权限。",
    "doctor.capture.unknown": "能否在本机抓包，只有尝试时才能知道；读取抓包文件不需要权限。",
    "doctor.capture.remedy-linux": (
        "`sudo setcap cap_net_raw,cap_net_admin=eip $(command -v dumpcap)`，或用 `sudo tcpdump -s0 -w faild.pcap "
        "port 80` 抓包。"
    ),
    "doctor.capture.remedy-macos": (
        "安装 ChmodBPF（随 Wireshark 提供），或用 `sudo tcpdump -s0 -w faild.pcap port 80` 抓包。"
    ),
    "doctor.capture.remedy-windows": "安装 Npcap 和 Wireshark，或以管理员身份抓包。",
    "doctor.fork.set": "OBJC_DISABLE_INITIALIZE_FORK_SAFETY 为 YES：多线程的进程可以 fork。",
    "doctor.fork.unset": (
        "没有设置 OBJC_DISABLE_INITIALIZE_FORK_SAFETY：程序在线程运行时 fork（多线程上传同时使用 "
        "multiprocessing）会被 macOS 终止。"
    ),
    "doctor.fork.remedy": (
        "在 Python 启动前 `export OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES`，或改用 spawn 启动方式。"
    ),
}
