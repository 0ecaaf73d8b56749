import { Encoder, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { msgpack, readFiles } from '../../../src/addons/msgpack/index.js'
import { resumable } from '../../../src/addons/resume/index.js'
import { createTestPair, type TestPairOptions } from '../../../src/testing/index.js'
import { open } from '../../core/support.js'

const wire = msgpack()

/** What arrives as `data` of an event at the other end. */
const travel = (data: unknown): unknown => Object(msgpack().decode(bytesOf(data))).data

function bytesOf(data: unknown): ArrayBuffer {
  const bytes = wire.encode({ channel: 'c', event: 'e', data })
  if (!ArrayBuffer.isView(bytes)) throw new Error('no bytes')
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

describe('values', () => {
  test.each([
    ['bytes', new Uint8Array([1, 2, 255])],
    ['a date', new Date(1_764_000_000_123)],
    ['a date before 1970', new Date(-1)],
    ['a bigint', 2n ** 63n],
    ['a small bigint', 5n],
    ['a negative bigint', -(2n ** 63n)],
    ['a large number', 2 ** 53 - 1],
    ['a time in ms', 1_764_000_000_123],
    ['a fraction', 0.1],
    ['text', '𝄞 ü'],
    ['null', null],
    ['all of it, nested', { a: [new Uint8Array(3), { at: new Date(0), n: [1n] }] }],
  ])('%s arrives as what it is', (_, value) => {
    expect(travel(value)).toEqual(value)
  })

  test('a member that is undefined does not travel', () => {
    expect(travel({ a: undefined, b: 1 })).toEqual({ b: 1 })
  })

  test.each([
    ['an ArrayBuffer', new ArrayBuffer(1), 'Uint8Array'],
    ['a Map', new Map(), 'Map'],
    ['a Set', new Set(), 'Set'],
    ['an invalid date', new Date(Number.NaN), 'date'],
    ['a bigint of more than 64 bits', 2n ** 64n, '64 bits'],
    ['a negative one', [-(2n ** 63n) - 1n], '64 bits'],
    ['an unread file', new File(['a'], 'a.txt'), 'await readFiles'],
    ['an unread Blob', { deep: [new Blob(['a'])] }, 'await readFiles'],
  ])('%s is a clear error', (_, value, message) => {
    expect(() => travel(value)).toThrow(message)
  })

  test('too deep a value is an error', () => {
    let deep: unknown = 1
    for (let i = 0; i < 200; i++) deep = [deep]
    expect(() => travel(deep)).toThrow('deep')
  })
})

describe('files', () => {
  test('travel in a value, with name, type and time', async () => {
    const file = new File(['häl', 'lo'], 'a/b ü.txt', { type: 'text/plain', lastModified: 1_700_000_000_000 })
    const value = { title: 'A', files: [file], blob: new Blob([new Uint8Array([1, 2])], { type: 'image/png' }) }
    expect(await readFiles(value)).toBe(value)
    const arrived = Object(travel(value))
    expect(arrived.title).toBe('A')
    const [there] = arrived.files
    expect(there).toBeInstanceOf(File)
    expect(there).toMatchObject({ name: 'a/b ü.txt', type: 'text/plain', lastModified: 1_700_000_000_000 })
    expect(await there.text()).toBe('hällo')
    expect(arrived.blob).toBeInstanceOf(Blob)
    expect(arrived.blob).not.toBeInstanceOf(File)
    expect(arrived.blob.type).toBe('image/png')
    expect(new Uint8Array(await arrived.blob.arrayBuffer())).toEqual(new Uint8Array([1, 2]))
  })

  test('a file that arrived has to be read before it is sent on', async () => {
    const arrived = travel(await readFiles(new File(['a'], 'a.txt')))
    expect(() => travel(arrived)).toThrow('await readFiles')
    const again = travel(await readFiles(arrived))
    expect(again).toMatchObject({ name: 'a.txt' })
  })

  test('values without files, and those that go round, are told apart', async () => {
    await expect(readFiles([1, null, new Date(0), new Uint8Array(2)])).resolves.toHaveLength(4)
    const round: unknown[] = []
    round.push(round)
    await expect(readFiles(round)).rejects.toThrow('at most 100 levels')
  })

  test('a file that cannot be read rejects', async () => {
    const broken = new Blob(['a'])
    broken.arrayBuffer = () => Promise.reject(new Error('gone'))
    await expect(readFiles({ broken })).rejects.toThrow('gone')
  })
})

describe('what arrives', () => {
  test('text is no frame', () => {
    expect(wire.decode('ping')).toBeUndefined()
    expect(wire.decode('{"id":1,"result":2}')).toBeUndefined()
  })

  const extension = (type: number, payload: Uint8Array): number[] => [0xc7, payload.length, type, ...payload]

  test.each([
    ['nothing', []],
    ['the byte that is no value', [0xc1]],
    ['an array of four billion', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of four billion', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['arrays of many in one another', Array.from({ length: 50 }, () => [0xdd, 0, 0xff, 0xff, 0xff]).flat()],
    ['text of four billion', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['bytes of four billion', [0xc6, 0xff, 0xff, 0xff, 0xff, 0]],
    ['a map without its last value', [0x82, 0xa1, 0x61, 1, 0xa1, 0x62]],
    ['a length that is cut off', [0xdd, 0, 0]],
    ['a number that is cut off', [0xcb, 0, 0]],
    ['something after it', [1, 2]],
    ['arrays deeper than 100', [...Array(101).fill(0x91), 1]],
    ['arrays deeper than the stack', [...Array(1_000_000).fill(0x91), 1]],
    ['the key __proto__', [0x81, 0xa9, ...new TextEncoder().encode('__proto__'), 0x80]],
    ['a key that is a map', [0x81, 0x80, 1]],
    ['a date of five bytes', extension(0xff, new Uint8Array(5))],
    ['a date that is none', extension(0xff, new Uint8Array(12).fill(0x7f))],
    ['a file of nothing', [0xd4, 1, 0xc0]],
    ['a file of four billion', [0xc7, 5, 1, 0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a file without a type', extension(1, encode([new Uint8Array(1), null, null, null]))],
    ['a file with a name of its own kind', extension(1, encode([new Uint8Array(1), '', 5, null]))],
    ['a file inside of a file', extension(1, new Uint8Array(extension(1, new Uint8Array([0xc0]))))],
  ])('%s is a protocol error, counted and reported', async (_, bytes) => {
    const { client, socket, errors } = await open({ wire: msgpack() })
    socket.serverSend(new Uint8Array(bytes).buffer)
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL', cause: expect.any(Error) }])
    expect(client.status).toBe('open')
  })

  test('100 levels are not too many', () => {
    expect(wire.decode(new Uint8Array([...Array(100).fill(0x91), 1]).buffer)).toHaveLength(1)
  })

  test('whatever bytes come: a value, or an error, at once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          wire.decode(bytes.slice().buffer)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('what another encoder writes is whole, and what is cut off is not', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const bytes = new Encoder().encode({ value })
        const read = (data: Uint8Array): unknown => wire.decode(data.slice().buffer)
        // Without a key of that name, which no decoder takes.
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        expect(() => read(bytes)).not.toThrow()
        expect(() => read(bytes.subarray(0, -1))).toThrow()
        expect(() => read(new Uint8Array([...bytes, 0]))).toThrow('longer')
      }),
      { numRuns: 50 },
    )
  })

  test('every kind of value is measured right', () => {
    const values = [0, 128, 256, 65536, -1, -33, -129, -32769, 2 ** 40, 0.5, true, null, 1n, -1n]
    const texts = [31, 32, 256, 65536].map((length) => 'x'.repeat(length))
    const bytes = [1, 256, 65536].map((length) => new Uint8Array(length))
    const lists = [15, 16, 65536].map((length) => Array(length).fill(7))
    const maps = [15, 16, 65536].map((size) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i])))
    const all = [...values, ...texts, ...bytes, ...lists, ...maps, new Date(0), new Date(1), new Date(-1)]
    // As bytes: to compare 200,000 values one by one takes seconds.
    const event = (data: unknown): Uint8Array => new Uint8Array(bytesOf(data))
    expect(Buffer.compare(event(travel(all)), event(all))).toBe(0)
    const float32 = new Encoder({ forceFloat32: true }).encode([0.5])
    expect(wire.decode(float32.slice().buffer)).toEqual([0.5])
  })
})

describe('with the server kit', () => {
  const options = (more: TestPairOptions['client'] = {}): TestPairOptions => ({
    client: { wire: msgpack(), ...more },
    server: {
      wire: msgpack(),
      requests: {
        upload: async (params) => {
          const { file, at } = Object(params)
          return { size: file.size, name: file.name, at, back: await readFiles(file) }
        },
        async *parts() {
          yield new Uint8Array([1])
          yield new Uint8Array([2])
        },
      },
      channels: { room: { on: { bytes: (data, { client }) => client.send('room', 'bytes', data) } } },
    },
  })

  test.each([
    ['on the plain wire', undefined],
    ['in a session', resumable()],
  ])('requests, streams, events and heartbeats work %s', async (_, session) => {
    const pair = createTestPair(options(session && { session }))
    const { client } = pair
    const at = new Date(5)
    const upload = readFiles({ file: new File(['abc'], 'a.txt', { type: 'text/plain' }), at })
    const answer = upload.then((params) => client.request('upload', params))
    const items: unknown[] = []
    const parts = (async () => {
      for await (const item of client.stream('parts')) items.push(item)
    })()
    const heard: unknown[] = []
    client.channel('room').on('bytes', (data) => heard.push(data))
    client.channel('room', { join: true }).send('bytes', new Uint8Array([9]))
    await upload
    await pair.run(100)
    // A Blob is read outside of the virtual time.
    await new Promise((resolve) => setTimeout(resolve))
    await pair.run(100)
    const result = Object(await answer)
    await parts
    expect(result).toMatchObject({ size: 3, name: 'a.txt', at })
    expect(await result.back.text()).toBe('abc')
    expect(items).toEqual([new Uint8Array([1]), new Uint8Array([2])])
    expect(heard).toEqual([new Uint8Array([9])])
    // Heartbeats are text all the same.
    await pair.run(60_000, 1000)
    expect(client.status).toBe('open')
    expect(client.stats.roundTripMs).toBeGreaterThanOrEqual(0)
    expect(client.stats.protocolErrors + pair.server.metrics().protocolErrors).toBe(0)
    await pair.close()
  })

  test('what is cut in a session arrives once all the same', async () => {
    const pair = createTestPair(options({ session: resumable() }))
    await pair.run(100)
    const heard: unknown[] = []
    pair.client.channel('room').on('bytes', (data) => heard.push(data))
    pair.client.channel('room', { join: true })
    await pair.run(100)
    pair.client.channel('room').send('bytes', new Uint8Array([1]))
    pair.connection.cut()
    pair.client.channel('room').send('bytes', new Uint8Array([2]))
    await pair.run(5000)
    expect(heard).toEqual([new Uint8Array([1]), new Uint8Array([2])])
    expect(pair.client.stats.reconnects).toBe(1)
    await pair.close()
  })
})
