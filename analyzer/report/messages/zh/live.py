"""简体中文：实时抓包。"""

MESSAGES: dict[str, str] = {
    # 无法开始抓包
    "live.not-permitted": "当前用户无权抓包（{words}）。以下命令任选其一即可：",
    "live.log-in-again": "usermod 在重新登录后生效。",
    "live.filter": "libpcap 不接受过滤条件 `{filter}`：{words}",
    "live.interface": "无法在 {name} 上抓包：{words}（用 `ossig live -i list` 查看网卡）",
    "live.interfaces-together": "无法在 {name} 上抓包：{words}（每个网卡各写一个 -i：`-i eth0 -i lo`；用 "
    "`ossig live -i list` 查看网卡）",
    "live.remote": "无法在 {remote} 上抓包：{words}",
    "live.not-a-capture": "输入的内容不是抓包数据，开头为 {magic}。tcpdump 加 -w - 可以输出抓包数据。",
    "live.interface-changed": "{name} 的接口类型已改变，抓包到此结束。",
    # 抓包情况说明
    "live.drops": "抓包期间内核丢弃了 {kernel} 个数据包，网卡丢弃了 {interface} 个。"
    "加大缓冲区（--buffer）或缩小过滤范围可以改善。",
    "live.save-failed": "无法在 {path} 中保存：{reason}。",
    "live.saving-ended": "保存提前终止：{reason}。抓包本身未受影响。",
    "live.not-kept": "保留的抓包文件已足够多，另外 {count} 个问题的抓包文件没有保留。",
    "live.kept": "有 {count} 个抓包文件包含发现的问题，已保留：{paths}。",
    "live.reading": "正在从标准输入读取抓包",
    "live.capturing": "正在 {name} 上用 {engine} 抓包：{filter}",
    "live.learned": "在其他端口上发现了 HTTP，此后的抓包范围：{filter}",
    # 实时界面
    "live.view.counts": (
        "{packets} 个数据包（{rate} 个/秒，{megabytes} MB/秒）  {connections} 个连接  {exchanges} 个请求"
    ),
    "live.view.refused": "{count} 个被拒绝",
    "live.view.drops": "丢包：内核 {kernel}，网卡 {interface}",
    "live.view.unknown": "结束时统计",
    "live.view.waiting": "还有 {megabytes} MB 待分析",
    "live.view.saving": "正在保存到 {path}，已保留 {kept} 个文件",
    "live.view.ports": "tcp port {ports}",
    "live.view.causes": "拒绝原因",
    "live.view.last": "最近发现的问题",
    "live.view.end": "按 Ctrl-C 结束抓包并显示报告。",
    "live.interface.up": "启用",
    "live.interface.down": "停用",
}
