/** The frames and the handshake of a session: sections 9 and 11 of PROTOCOL.md. */
import { type Check, must } from '../check.js'
import { Failure, Skipped } from '../failure.js'
import { show } from '../peer.js'
import { wrongToken } from './entry.js'

const BAD_FRAME = 4400

const CLIENT = 'a page that nobody can guess'
const HELD = { session: 's', key: 'k', received: 0 }

/** What says `hi`, and says it wrong. */
const MALFORMED_HI: readonly object[] = [
  {},
  { version: 1 },
  { client: CLIENT },
  { version: 2, client: CLIENT },
  { version: '1', client: CLIENT },
  { version: 1, client: 'too short' },
  { version: 1, client: 'x'.repeat(129) },
  { version: 1, client: CLIENT, attempt: 'first' },
  { version: 1, client: CLIENT, session: 's' },
  { version: 1, client: CLIENT, session: 's', key: 'k' },
  { version: 1, client: CLIENT, received: 0 },
  { version: 1, client: CLIENT, ...HELD, key: {} },
  { version: 1, client: CLIENT, ...HELD, received: -1 },
  { version: 1, client: CLIENT, ...HELD, received: 1.5 },
]

/** What is no frame of a session. */
const MALFORMED = [
  'hello',
  '',
  '{"colour":"red"}',
  '{"id":1,"method":"echo"}',
  '1 0',
  ' 1 0 x',
  '1  0 x',
  '01 0 x',
  '1 00 x',
  '-1 0 x',
  '+1 0 x',
  '1.0 0 x',
  '1e0 0 x',
  '1 -0 x',
  '١ 0 x',
  '1000000000000000 0 x',
  'ack',
  'ack 00',
  'ack -1',
  'ack 0 ',
  '{"ok":{}}',
  '{"bye":7}',
  Buffer.from('bytes'),
  Buffer.from('ack 0'),
]

const inside = must('P9.4 inside it the plain wire is spoken', async (stage) => {
  const page = await stage.greet()
  page.say({ id: 1, method: 'echo', params: [1] })
  await page.expect({ id: 1, result: [1] })
  page.say({ id: 2, method: 'unheard-of' })
  await page.expect({ id: 2, error: { code: -32601 } })
  page.say({ id: 3, method: 'count', params: 3 })
  for (let item = 1; item <= 3; item++) await page.expect({ id: 3, item })
  await page.expect({ id: 3 })
  page.say({ id: 4, method: 'ask', params: 'Sure?' })
  const { payload } = await page.expect({ method: 'confirm', params: 'Sure?' })
  page.say({ id: JSON.parse(String(payload)).id, result: true })
  await page.expect({ id: 4, result: true })
  page.say({ id: 5, method: 'join', params: { channel: 'chat' } })
  page.say({ channel: 'chat', event: 'message', data: { text: 'inside' } })
  await page.expect({ id: 5 })
  await page.expect({ channel: 'chat', event: 'message', data: { text: 'inside' } })
  page.say({ id: 6, method: 'slow', params: 100 })
  page.say({ id: 6, cancel: true })
  page.say({ id: {}, method: 'echo' })
  page.say('the last')
  await page.expect('the last')
})

export const handshake: readonly Check[] = [
  must('P9.2 P9.6 hi is answered with ok', async (stage) => {
    const page = await stage.greet({ attempt: 1 })
    const { ok } = page
    const isNew = !ok.resumed && ok.received === 0 && ok.sent === 0
    if (!isNew || ok.ttlMs === 0 || ok.pingMs === 0 || ok.maxPayload === 0) {
      throw new Failure('a new session, with ttlMs, pingMs and maxPayload above 0', show({ ok }))
    }
  }),
  must('P9.6 members of hi that it does not know are ignored', async (stage) => {
    await stage.greet(Object.assign({ capabilities: ['none yet'], colour: 'red' }))
  }),
  must('P11.1 ids and keys of sessions cannot be guessed', async (stage) => {
    const names = new Set<string>()
    for (let i = 0; i < 5; i++) {
      const { ok } = await stage.greet()
      for (const name of [ok.session, ok.key]) {
        // 128 bits in base64 are 22 characters; in the densest form that is text, 20.
        if (name.length < 20) throw new Failure('ids and keys with 128 bits of chance', show(name))
        names.add(name)
      }
    }
    if (names.size < 10) throw new Failure('ids and keys that are all different', show([...names]))
  }),
  must('P9.3 data frames carry texts and bytes', async (stage) => {
    const page = await stage.greet()
    const bytes = Buffer.from([0, 255, 32, 49, 10])
    for (const payload of ['hello', '', ' 1 2 3', '💬', bytes, Buffer.alloc(0)]) {
      page.say(payload)
      await page.expect(payload)
    }
  }),
  must('P9.3 P10.1 a message with the number 0 is handled, and counts for nothing', async (stage) => {
    const page = await stage.greet()
    page.say('volatile', 0)
    await page.expect('volatile')
    page.say('reliable')
    await page.expect('reliable')
    await page.cut()
    await (await stage.knock(page.held)).expectOk({ resumed: true, received: 1 })
  }),
  inside,
  must('P9.5 what is no frame of a session is ignored', async (stage) => {
    const page = await stage.greet()
    for (const message of [...MALFORMED, { hi: page.hi }]) {
      page.peer.send(message)
      const [answer] = await page.peer.settle()
      if (answer !== undefined) throw new Failure(`no answer to ${show(message)}`, show(answer))
    }
    page.say('still here')
    await page.expect('still here')
  }),
  must('P9.5 P9.6 a malformed hi is refused with 4400', async (stage) => {
    for (const hi of MALFORMED_HI) await (await stage.say({ hi })).expectNo([BAD_FRAME])
  }),
  must('P14.4 a hi, an id or a key that is too long is refused with 4400', async (stage) => {
    const long = 'x'.repeat(129)
    const hi = { version: 1, client: CLIENT }
    for (const more of [{ ...HELD, session: long }, { ...HELD, key: long }, { colour: 'x'.repeat(70_000) }]) {
      await (await stage.say({ hi: { ...hi, ...more } })).expectNo([BAD_FRAME])
    }
  }),
  must('P11.2 P12.2 P11.5 wrong credentials are refused with no and a close', async (stage) => {
    const token = wrongToken(stage)
    await (await stage.knock({ token })).expectNo([4401, 4403])
  }),
  must('P11.5 who is refused learns nothing of a session, and takes nothing from it', async (stage) => {
    const token = wrongToken(stage)
    const page = await stage.greet()
    await (await stage.knock({ ...page.held, token })).expectNo([4401, 4403])
    page.say('still here')
    await page.expect('still here')
  }),
  must('P11.1 P11.9 a session whose page stays away has an end', async (stage) => {
    const page = await stage.greet()
    const { ttlMs } = page.ok
    if (ttlMs > 3_000) throw new Skipped(`sessions wait for ${ttlMs} ms: start the server with 3000 ms or less`)
    await page.cut()
    await new Promise((resolve) => setTimeout(resolve, ttlMs + 500))
    await (await stage.knock(page.held)).expectOk({ resumed: false, why: 'expired' })
  }),
]
