"""命令行的用语：中止运行的原因与警告。"""

MESSAGES: dict[str, str] = {
    "cli.interrupted": "已中断。",
    "cli.out-of-memory": "内存不足。请换用较小的抓包文件，或减少一次分析的文件数。",
    "cli.unforeseen": (
        "出现了不应出现的错误：{kind}，位于 {place}。请报告此问题，并附上命令行和设置 OSSIG_DEBUG=1 "
        "后的输出（请先检查，其中可能含有抓到的内容）。"
    ),
    "cli.output-is-directory": "{path} 是目录；请指定要写入的文件。",
    "cli.output-no-directory": "目录 {path} 不存在。",
    "cli.output-exists": "{path} 已存在；加 --force 可覆盖。",
    "cli.output-is-input": "{path} 是输入文件之一，即使使用 --force 也不会覆盖它。",
    "cli.report-written": "已写入 {path}，共 {count} 个问题。",
    "cli.output-failed": "无法写入 {path}：{reason}。",
    "cli.stdout-failed": "无法写入标准输出：{reason}。",
    "cli.stdout-closed": "无法写入标准输出：它已关闭。",
    "cli.no-such-command": "{word} 既不是文件也不是命令；要用的是 `ossig {better}` 吗？",
    "cli.waits-for-capture": "正在等待从标准输入读取抓包（可由 `tcpdump -w - ...` 写出）。",
    "cli.no-number": "{text} 不是秒数。",
    "cli.filter-is-capture": "{path} 是抓包文件，请用 `ossig {path}` 读取；live 用于在网卡上抓包。",
    "cli.form-contradicts": "{path} 的扩展名与 `--format {form}` 不一致，请去掉其中之一。",
    "cli.form-not-written": "{path} 的扩展名所表示的格式该命令不支持；支持的格式有 {forms}。"
    ".zip 由 `ossig report` 生成。",
    "cli.half-a-key-pair": "设置了 {present}，却没有设置 {missing}；环境变量中的 AccessKey 不予使用。",
    "cli.secret-file-unreadable": "无法读取 AccessKey 文件 {path}：{reason}。",
    "cli.secret-file-large": "{path} 太大，不像 AccessKey 文件。",
    "cli.secret-file-open": "本机所有用户都能读取 {path}；请执行 `chmod 600`。",
    "cli.secret-file-line": "{path} 第 {line} 行不是 ACCESS_KEY_ID:SECRET 的形式。",
    "cli.secret-file-empty": "{path} 中没有 ACCESS_KEY_ID:SECRET 行。",
    "cli.keylog-unreadable": "无法读取 TLS 密钥日志 {path}：{reason}。",
    "cli.one-standard-input": "两份抓包中只能有一份来自标准输入。",
    "cli.paste-here": "请粘贴手头的内容（错误响应、异常、请求、日志），然后按 {keys}。",
    "cli.paste-unreadable": "无法读取 {path}：{reason}。",
    "cli.progress.search": "AccessKey Secret 核对：已尝试 {tried} 个签名，上限 {limit} 个",
    "cli.progress.packets": "{count} 个数据包",
    "cli.progress.failures": "{count} 个被拒绝",
}
