import type { ClientEvents, Explanation } from 'holdfast'
import type { Words } from './en.js'

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} 秒`

const WHY: Readonly<Record<string, string>> = {
  start: '尚未启动。',
  address: '正在等待地址和令牌。',
  socket: '正在等待套接字打开。',
  auth: '正在等待握手应答。',
  open: '已连接。',
  retry: '等待下一次尝试。',
  'server-window': '服务器要求稍后再来。',
  page: '页面被隐藏或冻结。',
  closed: '已关闭。',
}

const WHY_LOST: Readonly<Record<ClientEvents['sessionlost']['why'], string>> = {
  unknown: '服务器已经忘记它',
  expired: '本页离开得太久',
  overflow: '本页读得太慢',
  subject: '它属于别人',
  position: '两端对位置的记录不一致',
  fenced: '另一个页面接管了它',
  protocol: '服务器说了不可能的内容',
  closed: '服务器结束了它',
}

const ERRORS: Readonly<Record<string, string>> = {
  invalid_params: '缺少内容，或内容无效。',
  too_long: '太长了。',
  empty: '这个文件是空的。',
  too_large: '图片太大：最多 10 MB、5000 万像素。',
  busy: '服务器现在忙不过来，请过一会儿再试。',
  stalled: '上传停住了，请再试一次。',
  not_an_image: '服务器读不了这个文件：请用 JPEG、PNG、WebP、GIF 或 AVIF。',
  not_readable: '这张图片已损坏。',
  model_slow: '模型用时太长。',
  model_failed: '模型没有回答。',
  TIMEOUT: '没有及时得到应答。',
  QUEUE_FULL: '发送队列满了，请等连接恢复。',
  CLOSED: '连接已关闭。',
}

/** The same in Chinese. */
export const zh: Words = {
  page: {
    title: 'holdfast 演示',
    skip: '跳到聊天',
    'intro.what': '断不掉的 WebSocket。',
    'intro.tab': '用第二个标签页打开本页',
    'intro.then': '，和自己聊几句，然后按下',
    'intro.see': '，看看你的消息会怎样。',
    'status.title': '连接',
    'status.now': '立即重试',
    'session.title': '会话',
    'session.server': '服务器',
    'session.queued': '排队',
    'session.unacknowledged': '未确认',
    'session.resumed': '已恢复',
    'session.duplicates': '忽略的重复',
    'chat.title': '聊天',
    'chat.you': '你是',
    'chat.rename': '改名',
    'chat.people': '在线的人',
    'chat.messages': '消息',
    'chat.message': '消息',
    'chat.say': '说点什么',
    'chat.send': '发送',
    'trouble.title': '制造故障',
    'trouble.note': '真实的故障，在场的人都受影响',
    'trouble.press': '按一个，然后看顶上那一行。',
    'trouble.cut': '切断',
    'going-on.title': '正在发生什么',
    'going-on.note': '最近两分钟',
    'going-on.round-trip': '往返时延',
    'going-on.queue': '队列',
    'going-on.chart': '往返时延和队列的图表',
    'going-on.states': '状态',
    'ask.title': '提问',
    'ask.answers': '回答',
    'ask.question': '问题',
    'ask.about': '问问 holdfast 的事',
    'ask.stop': '停止',
    'analyse.title': '分析图片',
    'analyse.note': '不超过 10 MB 的图片',
    'analyse.choose': '选择图片',
    'analyse.drop': '，或拖到这里',
    'analyse.sample': '用一张几 MB 的样图',
    'analyse.cancel': '取消',
    'analyse.retry': '再试一次',
    'inside.title': '看看里面',
    'inside.note': '本页收发的每一帧，原样显示；密钥和令牌已隐去',
    'footer.without': '同一个库，不用构建：',
    'footer.script': '一个 script 标签，30 行',
    'footer.console': '。在控制台里，',
    'footer.says': ' 说的和本页一样。',
  },

  status: { idle: '未启动', connecting: '连接中', open: '已连接', waiting: '等待中', closed: '已关闭' },
  why(explanation: Explanation): string {
    const { status, waitingFor, lastClose } = explanation
    const why = WHY[waitingFor ?? status] ?? explanation.why
    if (!lastClose || status === 'open') return why
    return `${why}上次关闭：${lastClose.code} ${lastClose.reason || (lastClose.code === 1006 ? '（网络）' : '')}`.trim()
  },
  nextAttempt: (ms) => `${seconds(ms)}后再试`,
  givesUp: (ms) => `${seconds(ms)}后放弃`,

  figures: {
    sent: '已发送',
    received: '已接收',
    'open-requests': '未完成的请求',
    reconnects: '重连次数',
    'failed-attempts': '失败的尝试',
    dropped: '已丢弃',
    'protocol-errors': '协议错误',
  },

  session: {
    connected: '已连接',
    away: (ms) => `离开 ${seconds(ms)}`,
    server: (number) => `现在由 ${number} 号服务器接待。`,
    resumed: ({ replayed, missedMs }) =>
      `${seconds(missedMs)}后恢复，${replayed === 0 ? '没有要补发的' : `补发了 ${replayed} 条消息`}。`,
    lost({ why, unknown }) {
      const mine = unknown === 0 ? '这边没有存疑的消息' : `这边有 ${unknown} 条消息可能到了，也可能没到`
      return `会话丢失：${WHY_LOST[why]}。${mine}；期间服务器发来的可能有缺失。`
    },
    gap({ from, to, why }) {
      if (to !== undefined) return `缺了 ${to - from + 1} 个聊天事件：服务器没有保留那么久。它重新发来了最近的消息。`
      const cause = why === 'epoch' ? '服务器重启过，忘了期间发生的事' : '服务器没有说明期间发生了什么'
      return `聊天可能有缺失：${cause}。它重新发来了最近的消息。`
    },
  },

  chat: {
    adjectives: ['安静', '明亮', '温柔', '轻快', '快乐', '沉稳', '敏捷', '勇敢', '随和', '机灵'],
    animals: ['水獭', '苍鹭', '獾', '猞猁', '雀', '貂', '海鹦', '野兔', '海豹', '鹪鹩'],
    name: (adjective, animal) => `${adjective}的${animal}`,
    me: '你',
    person: (name) => `${name}（你）`,
    typing: (names) => `${names.join('、')} 正在输入……`,
    waiting: '尚未确认',
    sent: '✓ 已送达，未读',
    read: (readers) => `✓ ${readers} 人已读`,
    refused: (why) => `被拒绝：${why}`,
    unknown: '没有人知道这条到了没有。',
    again: '再发一次',
  },

  trouble: {
    cut: { label: '切断', says: '所有连接都切断了。每个页面在一秒内的随机时刻回来，从断开的地方继续。' },
    flap: { label: '反复断线 15\u00a0秒', says: '一次又一次切断，就像在火车上。趁这时写点什么。' },
    'black-hole': { label: '黑洞', says: '什么都过不去，也没有人被告知。等等看：几秒之后心跳会发现。' },
    'lost-answers': {
      label: '丢掉所有应答',
      says: '服务器听得到，也照做，但什么都回不来。写点什么：它只会出现一次。',
    },
    slow: { label: '慢 800\u00a0毫秒', says: '每个方向都慢 800 毫秒。看看往返时延。' },
    refuse: { label: '拒绝 10\u00a0秒', says: '切断，而且谁都进不来。看等待时间怎样变长，趁这时写点什么。' },
    restart: {
      label: '重启服务器（计划内）',
      says: '下一台服务器已经就位。每个页面在 4 秒内的随机时刻转过去，没有中断，也没有蜂拥而至。',
    },
    kill: {
      label: '杀掉服务器',
      says: '它没了，除了数据库，什么都不记得。2 秒后会有另一台：页面会说明哪些存疑。',
    },
    'expire-token': { label: '让令牌过期', says: '切断，旧令牌被拒绝。页面取来新的，会话继续。' },
  },
  troubleOn: (label, leftSeconds) => `${label}：结束它（${leftSeconds}\u00a0秒）`,
  troubleOver: '结束了，一切如初。',
  troubleFailed: (why) => `没有成功：${why}`,

  ask: {
    suggestions: ['关闭码决定客户端做什么？', '心跳是怎样工作的？', '断线时请求会怎样？'],
    example: '例如：',
    who: ({ kind, name }) => (kind === 'search' ? '在文档中搜索' : name),
    stopped: '已停止。',
    cut: '服务器被杀掉了：剩下的没有了。',
    again: '再问一次',
  },

  analyse: {
    uploading: '正在上传：',
    reading: '服务器正在读取：',
    restarted: '服务器重启过，再来一次：',
    cancelled: '已取消。',
    noResult: '服务器没有给出结果就结束了。',
    noCanvas: '这个浏览器画不了图。',
    format: '格式',
    formatOf: (format, hasAlpha) => format + (hasAlpha ? '，带透明通道' : ''),
    size: '尺寸',
    sizeOf: (width, height) => `${width} × ${height} 像素`,
    weight: '大小',
    colours: '最常见的颜色',
    brightness: { dark: '暗', medium: '中等', bright: '亮' },
    histogram: (red, green, blue) => `直方图：红色大多偏${red}，绿色${green}，蓝色${blue}。`,
  },

  error: (code, message) => ERRORS[code] ?? message,
}
