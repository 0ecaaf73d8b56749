/** Servers that break one rule, on purpose: the kit with one thing changed. `vi.restoreAllMocks` takes it back. */
import { vi } from 'vitest'
import type { WireData } from '../../src/protocol/wire.js'
import { Connection } from '../../src/server/connection.js'
import { Dedupe } from '../../src/server/dedupe.js'
import { Inbox } from '../../src/server/inbox.js'
import { RemoteError, type ServerOptions } from '../../src/server/index.js'
import { Keys } from '../../src/server/keys.js'
import { textMessage } from '../../src/server/message.js'
import { OpenRequest } from '../../src/server/open-request.js'
import { Outlet } from '../../src/server/outlet.js'
import { Session } from '../../src/server/session.js'

export interface Mutation {
  /** The rule that it breaks. */
  readonly rule: string
  readonly how: string
  readonly options?: ServerOptions
  apply?(): void
}

/** Changes texts that come in; `undefined` drops one. */
function hear(change: (text: string) => string | undefined): void {
  const receive = Connection.prototype.receive
  vi.spyOn(Connection.prototype, 'receive').mockImplementation(function (this: Connection, data: WireData) {
    const changed = typeof data === 'string' ? change(data) : data
    if (changed !== undefined) receive.call(this, changed)
  })
}

/** Changes texts that go out. */
function say(change: (text: string) => string[]): void {
  const push = Outlet.prototype.push
  vi.spyOn(Outlet.prototype, 'push').mockImplementation(function (this: Outlet, message) {
    if (message.binary) return push.call(this, message)
    for (const text of change(Buffer.from(message.bytes).toString())) push.call(this, textMessage(text))
  })
}

const without = (part: string) => () => hear((text) => (text.includes(part) ? undefined : text))
const instead = (part: string | RegExp, other: string) => () => hear((text) => text.replace(part, other))
const saying = (part: string | RegExp, other: string) => () => say((text) => [text.replace(part, other)])

const HUGE = 2 ** 30

export const PLAIN_MUTATIONS: readonly Mutation[] = [
  { rule: 'P1.2', how: 'takes pieces for messages', apply: instead('one message in three', 'three') },
  { rule: 'P2.1', how: 'takes the ids 7 and "7" for one', apply: saying('"id":"7"', '"id":7') },
  { rule: 'P2.2', how: 'wants no members that it does not know', apply: without('"jsonrpc"') },
  { rule: 'P2.3', how: 'drops a list', apply: without('[1,2]') },
  { rule: 'P2.4', how: 'takes a malformed frame for a text', apply: instead('{"id":null', '{"no":null') },
  {
    rule: 'P2.5',
    how: 'passes on one text later',
    apply() {
      let held = ''
      say((text) => {
        if (text.startsWith('text 7 ')) held = text
        return text.startsWith('text 7 ') ? [] : text.startsWith('text 8 ') ? [text, held] : [text]
      })
    },
  },
  { rule: 'P3.1', how: 'hears no ping with an interval', apply: without('ping 15000') },
  {
    rule: 'P3.2',
    how: 'says another interval each time',
    apply() {
      let n = 0
      say((text) => [text.replace(/^ping 300$/, () => `ping ${300 + n++}`)])
    },
  },
  {
    rule: 'P4.1',
    how: 'answers a second request of that id',
    apply: instead('{"id":5,"method":"echo","params":"the second"', '{"id":55,"method":"echo","params":"the second"'),
  },
  {
    rule: 'P4.2',
    how: 'answers twice',
    apply: () => say((text) => (text.startsWith('{"id":37,') ? [text, text] : [text])),
  },
  { rule: 'P4.3', how: 'has another code for unknown methods', apply: saying('-32601', '-32600') },
  {
    rule: 'P4.3',
    how: 'shows a stack',
    options: {
      requests: {
        crash() {
          throw new RemoteError({ code: -32603, message: 'Error\n    at crash (server.js:7:1)' })
        },
      },
    },
  },
  { rule: 'P4.4', how: 'loses an item', apply: () => say((text) => (text === '{"id":"s","item":50}' ? [] : [text])) },
  { rule: 'P4.5', how: 'hears no cancel', apply: without('"cancel":true') },
  { rule: 'P5.2', how: 'lets everybody in', options: { auth: () => 'anybody' } },
  { rule: 'P6.1', how: 'keeps events to itself', apply: without('to all') },
  { rule: 'P6.2', how: 'lets nobody leave', apply: instead('"method":"leave"', '"method":"echo"') },
  { rule: 'P6.4', how: 'loses an event right behind a join', apply: without('at once') },
  {
    rule: 'P7.1',
    how: 'closes without a reason',
    options: { requests: { disconnect: (_, { client }) => client.close(4000) } },
  },
  { rule: 'P8.1', how: 'takes any message', options: { limits: { maxPayload: HUGE, maxBufferedBytes: HUGE } } },
  { rule: 'P8.1', how: 'takes any number of requests', options: { limits: { maxOpenRequests: HUGE } } },
]

export const SESSION_MUTATIONS: readonly Mutation[] = [
  { rule: 'P9.3', how: 'drops what is volatile', apply: without('0 0 volatile') },
  { rule: 'P9.4', how: 'knows no plain wire inside', apply: without('"method":"echo","params":[1]') },
  { rule: 'P9.5', how: 'answers what is no frame', apply: instead('{"bye":7}', 'ping') },
  { rule: 'P9.6', how: 'takes any version', apply: instead('"version":2', '"version":1') },
  { rule: 'P10.1', how: 'gives a number twice', apply: saying(/^3 (\d) number 3$/, '2 $1 number 3') },
  { rule: 'P10.2', how: 'hears twice what comes twice', apply: instead(/^1 0 1 again$/, '0 0 1 again') },
  {
    rule: 'P10.4',
    how: 'forgives an ack from the future',
    apply() {
      const acknowledge = Session.prototype.acknowledge
      vi.spyOn(Session.prototype, 'acknowledge').mockImplementation(function (this: Session, ack) {
        return acknowledge.call(this, Math.min(ack, this.sent))
      })
    },
  },
  {
    rule: 'P10.5',
    how: 'acknowledges by its clock alone',
    apply() {
      const owes = Object.getOwnPropertyDescriptor(Inbox.prototype, 'owes')?.get
      vi.spyOn(Inbox.prototype, 'owes', 'get').mockImplementation(function (this: Inbox) {
        const owed = owes?.call(this)
        return owed === 'now' ? 'soon' : owed
      })
    },
  },
  {
    rule: 'P10.5',
    how: 'owes nothing after a resume',
    apply: () => void vi.spyOn(Inbox.prototype, 'retell').mockReturnValue(),
  },
  {
    rule: 'P11.3',
    how: 'loses a message in a resume',
    apply() {
      const replay = Session.prototype.replay
      vi.spyOn(Session.prototype, 'replay').mockImplementation(function (this: Session, position) {
        replay.call(this, this.sent === 7 && position === 3 ? 4 : position)
      })
    },
  },
  {
    rule: 'P11.4',
    how: 'takes any key',
    apply() {
      const match = Keys.prototype.match
      vi.spyOn(Keys.prototype, 'match').mockImplementation(function (this: Keys, key) {
        return key === 'not the key' || match.call(this, key)
      })
    },
  },
  {
    rule: 'P11.4',
    how: 'resumes from any position',
    apply: () => void vi.spyOn(Session.prototype, 'reaches').mockReturnValue(true),
  },
  { rule: 'P11.7', how: 'keeps old keys', apply: () => void vi.spyOn(Keys.prototype, 'confirm').mockReturnValue() },
  {
    rule: 'P11.8',
    how: 'takes a key three times at most',
    apply() {
      const renew = Keys.prototype.renew
      const shownBefore = new Map<string | undefined, number>()
      vi.spyOn(Keys.prototype, 'renew').mockImplementation(function (this: Keys, shown) {
        const times = (shownBefore.get(shown) ?? 0) + 1
        shownBefore.set(shown, times)
        return renew.call(this, times < 3 ? shown : undefined)
      })
    },
  },
  { rule: 'P11.11', how: 'hears no bye', apply: without('{"bye":{}}') },
  {
    rule: 'P11.13',
    how: 'answers a late hi',
    apply: () => void vi.spyOn(Session.prototype, 'dial').mockReturnValue(true),
  },
  {
    rule: 'P13.3',
    how: 'runs a request again',
    apply: () => void vi.spyOn(Dedupe.prototype, 'once').mockImplementation((_key, _subject, _request, run) => run()),
  },
  { rule: 'P13.5', how: 'does not look where the page was', apply: instead('"since":', '"before":') },
  { rule: 'P13.6', how: 'says that all is there', apply: saying('"recovered":false', '"recovered":true') },
  {
    rule: 'P13.9',
    how: 'answers too late',
    apply: () => void vi.spyOn(OpenRequest.prototype, 'limit').mockReturnValue(),
  },
  { rule: 'P14.1', how: 'keeps everything', options: { sessions: { maxBytes: HUGE, maxTotalBytes: HUGE } } },
  { rule: 'P14.4', how: 'takes long names', apply: instead(/"session":"x{129}"/, '"session":"x"') },
]
