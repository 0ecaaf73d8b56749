import { createServer as createHttpServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createServer, InvalidOption } from '../../src/server/index.js'
import { normalize } from '../../src/server/options.js'

const handler = () => {}
const server = createHttpServer()

describe('options', () => {
  it.each<[string, object]>([
    ['port', {}],
    ['port', { port: 0, server }],
    ['port', { port: -1 }],
    ['port', { port: 65_536 }],
    ['port', { port: 1.5 }],
    ['port', { port: '80' }],
    ['path', { port: 0, path: 'ws' }],
    ['auth', { port: 0, auth: 'secret' }],
    ['address', { port: 0, address: 'x-real-ip' }],
    ['onMessage', { port: 0, onMessage: {} }],
    ['onConnect', { port: 0, onConnect: null }],
    ['onDisconnect', { port: 0, onDisconnect: 1 }],
    ['requests.sum', { port: 0, requests: { sum: 3 } }],
    ['channels.chat', { port: 0, channels: { chat: handler } }],
    ['channels.chat', { port: 0, channels: { chat: null } }],
    ['channels.chat.join', { port: 0, channels: { chat: { join: true } } }],
    ['channels.chat.leave', { port: 0, channels: { chat: { leave: true } } }],
    ['channels.chat.on.message', { port: 0, channels: { chat: { on: { message: 'x' } } } }],
    ['origins', { port: 0, origins: 'https://example.com' }],
    ['origins[1]', { port: 0, origins: ['https://example.com', 'https://example.org/'] }],
    ['origins[0]', { port: 0, origins: ['example.com'] }],
    ['authTimeoutMs', { port: 0, authTimeoutMs: 0 }],
    ['pingIntervalMs', { port: 0, pingIntervalMs: Number.NaN }],
    ['requestTimeoutMs', { port: 0, requestTimeoutMs: Number.POSITIVE_INFINITY }],
    ['limits.maxPayload', { port: 0, limits: { maxPayload: 0 } }],
    ['limits.messagesPerSecond', { port: 0, limits: { messagesPerSecond: 0.5 } }],
    ['limits.maxConnections', { port: 0, limits: { maxConnections: '5' } }],
    ['channels.chat.authorize', { port: 0, channels: { chat: { authorize: true } } }],
    ['channels.chat.getState', { port: 0, channels: { chat: { history: true, getState: {} } } }],
    ['channels.chat.getState', { port: 0, channels: { chat: { getState: handler } } }],
    ['channels.chat.history', { port: 0, channels: { chat: { history: 5 } } }],
    ['channels.chat.history.maxMessages', { port: 0, channels: { chat: { history: { maxMessages: 0 } } } }],
    ['channels.chat.history.maxAgeMs', { port: 0, channels: { chat: { history: { maxAgeMs: -1 } } } }],
    ['sessions', { port: 0, sessions: true }],
    ['sessions', { port: 0, sessions: null }],
    ['sessions.ttlMs', { port: 0, sessions: { ttlMs: 0 } }],
    ['sessions.windowMs', { port: 0, sessions: { windowMs: -1 } }],
    ['sessions.maxSessions', { port: 0, sessions: { maxSessions: 0 } }],
    ['sessions.maxMessages', { port: 0, sessions: { maxMessages: 1.5 } }],
    ['sessions.maxBytes', { port: 0, sessions: { maxBytes: '1' } }],
    ['sessions.maxTotalBytes', { port: 0, sessions: { maxTotalBytes: Number.NaN } }],
    ['sessions.store', { port: 0, sessions: { store: 'redis' } }],
    ['sessions.store.take', { port: 0, sessions: { store: { save: handler } } }],
    ['dedupe', { port: 0, dedupe: null }],
    ['dedupe.set', { port: 0, dedupe: { claim: handler } }],
    ['history.since', { port: 0, history: { position: handler, append: handler } }],
    ['wire', { port: 0, wire: 'xml' }],
    ['wire', { port: 0, wire: null }],
    ['wire.encode', { port: 0, wire: { encode: 1, decode: handler } }],
  ])('that make no sense throw and name the field: %s of %j', (field, options) => {
    const error = (() => {
      try {
        return createServer(options)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(InvalidOption)
    expect(error).toMatchObject({ field })
  })

  it.each(['auth', 'join', 'leave'])('P6.5 keep the method %s for the protocol', (method) => {
    const options = { port: 0, requests: { [method]: handler } }
    expect(() => createServer(options)).toThrow(
      new InvalidOption(`requests.${method}`, 'another name: this one is reserved'),
    )
  })

  it('have the defaults that are written at each', () => {
    expect(normalize({ port: 0 })).toMatchObject({
      listenOn: 0,
      authTimeoutMs: 10_000,
      pingIntervalMs: 15_000,
      requestTimeoutMs: 30_000,
      limits: {
        maxPayload: 1_048_576,
        maxConnections: 10_000,
        maxConnectionsPerAddress: 100,
        messagesPerSecond: 1_000,
        maxOpenRequests: 256,
        maxBufferedBytes: 4_194_304,
        maxChannels: 256,
      },
      sessions: {
        ttlMs: 300_000,
        maxSessions: 20_000,
        maxMessages: 10_000,
        maxBytes: 4_194_304,
        maxTotalBytes: 268_435_456,
        windowMs: undefined,
      },
    })
    expect(normalize({ port: 0, sessions: false }).sessions).toBeUndefined()
    const { histories } = normalize({
      port: 0,
      channels: { a: { history: true }, b: {}, c: { history: { maxAgeMs: 5 } } },
    })
    expect(Object.fromEntries(histories)).toEqual({
      a: { maxMessages: 1_000, maxAgeMs: 300_000 },
      c: { maxMessages: 1_000, maxAgeMs: 5 },
    })
  })

  it('take the origins of pages that are no web sites', () => {
    const origins = ['null', 'capacitor://localhost', 'chrome-extension://abc', 'http://localhost:5173']
    expect(normalize({ port: 0, origins }).origins).toEqual(origins)
  })
})
