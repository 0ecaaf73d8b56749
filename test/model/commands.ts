/** Everything that may happen, as commands of fast-check. The ledger in the world is the model. */
import fc from 'fast-check'
import { TTL_MS, type World } from './world.js'

/** Nothing is decided by a model beside the ledger: every command may come at any time. */
type Model = Record<string, never>
type Step = fc.AsyncCommand<Model, World>

class Command implements Step {
  static steps = 0

  constructor(
    private readonly name: string,
    private readonly act: (world: World) => unknown,
  ) {}

  check = (): boolean => true

  async run(_model: Model, world: World): Promise<void> {
    Command.steps += 1
    await this.act(world)
    await world.pair.environment.settle()
    const { client, connections } = world.pair
    const living = connections.filter(({ isOpen }) => isOpen)
    // A planned move has two for a while; a server that has not noticed a cut keeps more.
    if (client.status === 'closed') throw new Error(`the client ended: ${client.explain().why}`)
    if (living.length > 100) throw new Error('connections pile up')
  }

  toString = (): string => this.name
}

export const stepsTaken = (): number => Command.steps

const always = (name: string, act: (world: World) => unknown): fc.Arbitrary<Step> =>
  fc.constant(null).map(() => new Command(name, act))

const some = (name: string, max: number, act: (world: World, amount: number) => unknown): fc.Arbitrary<Step> =>
  fc.integer({ min: 1, max }).map((amount) => new Command(`${name} ${amount}`, (world) => act(world, amount)))

const repeat = (amount: number, act: () => void): void => {
  for (let i = 0; i < amount; i++) act()
}

/** Broadcasts and direct messages, to whoever is there. */
const tellAll = ({ pair, down }: World, amount: number): void =>
  repeat(amount, () => void pair.server.broadcast('news', 'item', down.news.next()))

const tellDirectly = ({ pair, down }: World, amount: number): void => {
  const client = [...pair.server.clients].at(-1)
  if (!client) return
  repeat(amount, () => {
    if (!client.signal.aborted) client.send('chat', 'direct', down.direct.next())
    if (!client.signal.aborted) client.sendRaw(`down ${down.raw.next()}`)
  })
}

const sends: fc.Arbitrary<Step>[] = [
  some('send events', 12, ({ pair, up }, amount) => {
    repeat(amount, () => up.event.send((n) => void pair.client.channel('chat').send('event', n)))
  }),
  some('send slow events', 4, ({ pair, up }, amount) => {
    repeat(amount, () => up.slow.send((n) => void pair.client.channel('slow').send('event', n)))
  }),
  some('send raw', 12, ({ pair, up }, amount) =>
    repeat(amount, () => up.raw.send((n) => void pair.client.send(`${n}`))),
  ),
  some('flood raw', 60, ({ pair, up }, amount) =>
    repeat(amount, () => up.raw.send((n) => void pair.client.send(`${n}`))),
  ),
  some('deliver', 5, ({ pair, up }, amount) => {
    repeat(amount, () => up.delivered.send((n) => pair.client.channel('chat').deliver('delivered', n)))
  }),
  always('send volatile', ({ pair }) => pair.client.channel('chat').send('whatever', 1, { volatile: true })),
  always('request', ({ pair, up }) => up.request.send((n) => pair.client.request('add', n))),
  always('slow request', ({ pair, up }) => up.request.send((n) => pair.client.request('wait', n))),
  some('aborted request', 4, ({ pair, up }, amount) => {
    up.request.send((n) => {
      const controller = new AbortController()
      pair.environment.timer(() => controller.abort(), amount * 100)
      return pair.client.request('wait', n, { signal: controller.signal })
    })
  }),
  always('idempotent request', ({ pair, up }) =>
    up.idempotent.send((n) => pair.client.request('once', n, { idempotent: true })),
  ),
  some('stream', 20, (world, amount) => {
    const stream = { items: [] as number[], end: '' }
    world.streams.push(stream)
    const read = async (): Promise<void> => {
      try {
        for await (const item of world.pair.client.stream('count', amount)) stream.items.push(Number(item))
        stream.end = 'whole'
        if (stream.items.length !== amount) stream.items.push(-1)
      } catch (error) {
        stream.end = String(error)
      }
    }
    void read()
  }),
  some('broadcast', 10, tellAll),
  some('flood news', 80, tellAll),
  some('direct', 6, tellDirectly),
]

const network: fc.Arbitrary<Step>[] = [
  some('let up', 6, ({ pair }, amount) => void pair.up.pass(amount)),
  some('let down', 6, ({ pair }, amount) => void pair.down.pass(amount)),
  some('old frames arrive', 6, ({ pair }, amount) => {
    for (const connection of pair.connections) connection.up.pass(amount)
  }),
  always('settle', ({ pair }) => pair.settle()),
  some('a while', 30, ({ pair }, amount) => pair.run(amount * 100, 50)),
  some('time without network', 30, ({ pair }, amount) => pair.environment.advance(amount * 100)),
  always('cut', ({ pair }) => pair.connection.cut()),
  always('cut, the page is told', ({ pair }) => pair.connection.cut('page')),
  always('cut, the server is told', ({ pair }) => pair.connection.cut('server')),
  always('the way up is dead', ({ pair }) => void pair.up.lose()),
  always('the way down is dead', ({ pair }) => void pair.down.lose()),
  always('black hole', ({ pair }) => {
    pair.up.lose()
    pair.down.lose()
  }),
]

const life: fc.Arbitrary<Step>[] = [
  fc
    .constantFrom('online', 'offline', 'visible', 'hidden', 'focus', 'pageshow', 'pagehide', 'freeze', 'resume')
    .map((hint) => new Command(hint, ({ pair }) => pair.environment.hint(hint))),
  some('freeze and resume', 100, async ({ pair }, amount) => {
    pair.environment.hint('freeze')
    await pair.settle()
    pair.environment.sleep(amount * 1_000)
    pair.environment.hint('resume')
  }),
  some('sleep', 100, ({ pair }, amount) => pair.environment.sleep(amount * 1_000)),
  always('reconnect', ({ pair }) => pair.client.reconnect()),
  always('the session expires', async ({ pair }) => {
    pair.connection.cut('server')
    await pair.environment.advance(TTL_MS + 10_000)
  }),
  always('the token expires', (world) => {
    world.token += 1
  }),
  always('the server dies, with its stores elsewhere', (world) => world.restart(true)),
  always('the server dies, and all it knew', (world) => world.restart(false)),
  always('a planned restart', (world) => world.move()),
]

const weighted = [...sends, ...sends, ...network, ...network, ...life]

export const commands = fc.commands(weighted, { maxCommands: 100, size: 'max' })
