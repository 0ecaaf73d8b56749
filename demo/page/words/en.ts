import type { ClientEvents, Explanation, Status } from 'holdfast'
import type { Assistant, TroubleName } from '../../app.js'

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const WHY_LOST: Readonly<Record<ClientEvents['sessionlost']['why'], string>> = {
  unknown: 'the server has forgotten it',
  expired: 'this page was away for too long',
  overflow: 'this page read too slowly',
  subject: 'it belongs to somebody else',
  position: 'the two ends did not agree on where they were',
  fenced: 'another page has taken it over',
  protocol: 'the server said something impossible',
  closed: 'the server has ended it',
}

/** What stands in index.html, by its `data-text`, `data-label` or `data-placeholder`. */
const page = {
  title: 'holdfast demo',
  skip: 'Skip to the chat',
  'intro.what': 'A WebSocket that holds.',
  'intro.tab': 'Open this page in a second tab',
  'intro.then': ', chat with yourself, then press ',
  'intro.see': ' — and see what becomes of your messages.',
  'status.title': 'Connection',
  'status.now': 'Try now',
  'session.title': 'Session',
  'session.server': 'Server',
  'session.queued': 'Queued',
  'session.unacknowledged': 'Unacknowledged',
  'session.resumed': 'Resumed',
  'session.duplicates': 'Duplicates ignored',
  'chat.title': 'Chat',
  'chat.you': 'You are',
  'chat.rename': 'Rename',
  'chat.people': 'Who is here',
  'chat.messages': 'Messages',
  'chat.message': 'Message',
  'chat.say': 'Say something',
  'chat.send': 'Send',
  'trouble.title': 'Trouble',
  'trouble.note': 'real faults, for everybody here',
  'trouble.press': 'Press one, and watch the line at the top.',
  'trouble.cut': 'Cut',
  'going-on.title': 'What is going on',
  'going-on.note': 'the last two minutes',
  'going-on.round-trip': 'Round trip',
  'going-on.queue': 'Queue',
  'going-on.chart': 'Chart of the round-trip time and the queue',
  'going-on.states': 'States',
  'ask.title': 'Ask',
  'ask.answers': 'Answers',
  'ask.question': 'Question',
  'ask.about': 'Ask about holdfast',
  'ask.stop': 'Stop',
  'analyse.title': 'Analyse',
  'analyse.note': 'an image of up to 10 MB',
  'analyse.choose': 'Choose an image',
  'analyse.drop': ' or drop one here',
  'analyse.sample': 'Use a sample of a few MB',
  'analyse.cancel': 'Cancel',
  'analyse.retry': 'Try again',
  'inside.title': 'Look inside',
  'inside.note': 'every frame of this page, as it travels; keys and tokens are hidden',
  'footer.without': 'The same library without a build: ',
  'footer.script': 'one script tag, 30 lines',
  'footer.console': '. In the console, ',
  'footer.says': ' says what this page says.',
}

/** All that the page says by itself, in English. */
export const en = {
  page,

  status: {
    idle: 'idle',
    connecting: 'connecting',
    open: 'open',
    waiting: 'waiting',
    closed: 'closed',
  } satisfies Record<Status, string>,
  why: ({ why }: Explanation): string => why,
  nextAttempt: (ms: number): string => `next attempt in ${seconds(ms)}`,
  givesUp: (ms: number): string => `gives up in ${seconds(ms)}`,

  figures: {
    sent: 'Sent',
    received: 'Received',
    'open-requests': 'Open requests',
    reconnects: 'Reconnects',
    'failed-attempts': 'Failed attempts',
    dropped: 'Dropped',
    'protocol-errors': 'Protocol errors',
  },

  session: {
    connected: 'connected',
    away: (ms: number): string => `away for ${seconds(ms)}`,
    server: (number: number): string => `Now with server ${number}.`,
    resumed: ({ replayed, missedMs }: ClientEvents['resumed']): string =>
      `Resumed after ${seconds(missedMs)}, ${replayed === 0 ? 'nothing to replay' : `${count(replayed, 'message')} replayed`}.`,
    lost({ why, unknown }: ClientEvents['sessionlost']): string {
      const mine =
        unknown === 0
          ? 'Nothing from here is in doubt'
          : `${count(unknown, 'message')} from here may have arrived or not`
      return `Session lost: ${WHY_LOST[why]}. ${mine}; what it sent meanwhile may be missing.`
    },
    gap({ from, to, why }: ClientEvents['gap']): string {
      if (to !== undefined) {
        const missing = to - from + 1
        return `${count(missing, 'event')} of the chat ${missing === 1 ? 'is' : 'are'} missing: that far back the server does not reach. It has sent the last messages anew.`
      }
      const cause = why === 'epoch' ? 'the server was restarted and has forgotten' : 'the server does not say'
      return `Some of the chat may be missing: ${cause} what happened meanwhile. It has sent the last messages anew.`
    },
  },

  chat: {
    adjectives: ['Quiet', 'Bright', 'Gentle', 'Brisk', 'Merry', 'Steady', 'Nimble', 'Bold', 'Mellow', 'Keen'],
    animals: ['Otter', 'Heron', 'Badger', 'Lynx', 'Finch', 'Marten', 'Puffin', 'Hare', 'Seal', 'Wren'],
    name: (adjective: string, animal: string): string => `${adjective} ${animal}`,
    me: 'You',
    person: (name: string): string => `${name} (you)`,
    typing: (names: readonly string[]): string => `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} writing …`,
    waiting: 'not acknowledged yet',
    sent: '✓ sent, unread',
    read: (readers: number): string => `✓ read by ${readers}`,
    refused: (why: string): string => `Refused: ${why}`,
    unknown: 'Nobody knows whether this arrived.',
    again: 'Send again',
  },

  trouble: {
    cut: {
      label: 'Cut',
      says: 'All connections were cut. Each page comes back at a random moment of the next second, and goes on where it was.',
    },
    flap: {
      label: 'Flap for 15\u00a0s',
      says: 'Cut again and again, as on a train. Write something meanwhile.',
    },
    'black-hole': {
      label: 'Black hole',
      says: 'Nothing passes, and nobody is told. Wait: the heartbeat notices after a few seconds.',
    },
    'lost-answers': {
      label: 'Lose all answers',
      says: 'The server hears and acts, and nothing comes back. Write something: it will be there once.',
    },
    slow: {
      label: 'Slow by 800\u00a0ms',
      says: 'Everything takes 800 ms longer, each way. Watch the round trip.',
    },
    refuse: {
      label: 'Refuse for 10\u00a0s',
      says: 'Cut, and nobody gets in. Watch the waits grow, and write something meanwhile.',
    },
    restart: {
      label: 'Restart the server (planned)',
      says: 'The next server is there already. Each page goes over at a random moment of 4 s, without a cut: no stampede.',
    },
    kill: {
      label: 'Kill the server',
      says: 'It is gone, with all that it remembered but the database. In 2 s there is another: the pages say what is in doubt.',
    },
    'expire-token': {
      label: 'Expire the token',
      says: 'Cut, and the old token is refused. The page fetches another, and its session goes on.',
    },
  } satisfies Record<TroubleName, { label: string; says: string }>,
  troubleOn: (label: string, leftSeconds: number): string => `${label}: end it (${leftSeconds}\u00a0s)`,
  troubleOver: 'It is over, and everything is as before.',
  troubleFailed: (why: string): string => `That did not work: ${why}`,

  ask: {
    suggestions: [
      'What does the page do after a close?',
      'How does the heartbeat work?',
      'What happens to requests in a cut?',
    ],
    example: 'For example:',
    who: ({ kind, name }: Assistant): string => (kind === 'search' ? 'Search in the documentation' : name),
    stopped: 'Stopped.',
    cut: 'The server was killed: the rest is lost.',
    again: 'Ask again',
  },

  analyse: {
    uploading: 'Uploading:',
    reading: 'The server is reading it:',
    restarted: 'The server was restarted. Once more:',
    cancelled: 'Cancelled.',
    noResult: 'The server ended without a result.',
    noCanvas: 'This browser draws no pictures.',
    format: 'Format',
    formatOf: (format: string, hasAlpha: boolean): string => format + (hasAlpha ? ' with alpha channel' : ''),
    size: 'Size',
    sizeOf: (width: number, height: number): string => `${width} × ${height} pixels`,
    weight: 'Weight',
    colours: 'Most common colours',
    brightness: { dark: 'dark', medium: 'medium', bright: 'bright' },
    histogram: (red: string, green: string, blue: string): string =>
      `Histogram: red is mostly ${red}, green ${green}, blue ${blue}.`,
  },

  /** What the server or the library says, which is English, in the words of this language, by its code. */
  error: (_code: string | number, message: string): string => message,
}

export type Words = typeof en
