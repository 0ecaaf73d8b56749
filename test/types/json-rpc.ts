/** What must and must not compile with `holdfast/json-rpc`. */
import { batch, jsonRpc, type Settled } from '../../src/addons/json-rpc/index.js'
import { connect } from '../../src/index.js'

interface App {
  requests: {
    sum: { params: [number, number]; result: number }
    find: { params: { tags: string[] }; result: string }
    now: { result: Date }
  }
  channels: { notifications: { log: [text: string]; initialized: undefined } }
}

const client = connect<App>('wss://example.com/rpc', { wire: jsonRpc() })

export const results: Promise<[Settled<number>, undefined, Settled<string>, Settled<Date>, undefined]> = batch(
  client,
  [
    { method: 'sum', params: [1, 2] },
    { event: 'log', data: ['hello'] },
    { method: 'find', params: { tags: ['a'] } },
    { method: 'now' },
    { event: 'initialized' },
  ],
  { timeoutMs: 1000, idempotent: true },
)

const made = [1, 2].map((number) => ({ method: 'sum', params: [number, number] }) as const)
export const many: Promise<Settled<number>[]> = batch(client, made)

// @ts-expect-error a number is missing
batch(client, [{ method: 'sum', params: [1] }])
// @ts-expect-error no params
batch(client, [{ method: 'sum' }])
// @ts-expect-error no such method
batch(client, [{ method: 'product', params: [1, 2] }])
// @ts-expect-error no such notification
batch(client, [{ event: 'logged', data: ['hello'] }])
// @ts-expect-error the wrong data
batch(client, [{ event: 'log', data: [1] }])

/** Without a type of its own, everything goes. */
const untyped = connect('wss://example.com/rpc')
export const anything: Promise<[Settled<unknown>, undefined]> = batch(untyped, [
  { method: 'm', params: { a: 1 } },
  { event: 'e' },
])
