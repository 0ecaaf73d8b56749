import { describe, expect, test } from 'vitest'
import { FakeWebSocket } from '../../src/testing/fake-web-socket.js'

const make = () => {
  const socket = new FakeWebSocket('wss://server.test/')
  const events: unknown[] = []
  socket.onopen = () => events.push(['open', socket.readyState])
  socket.onmessage = ({ data }) => events.push(data)
  socket.onerror = () => events.push(['error', socket.readyState])
  socket.onclose = ({ code, reason, wasClean }) => events.push([socket.readyState, code, reason, wasClean])
  return { socket, events }
}

const opened = () => {
  const { socket, events } = make()
  socket.accept()
  events.length = 0
  return { socket, events }
}

describe('a fake socket', () => {
  test('opens when the server takes it', () => {
    const { socket, events } = make()
    expect(socket.readyState).toBe(0)
    socket.accept()
    expect(events).toEqual([['open', 1]])
  })

  test('ends with 1006 when it is refused or cut, as a page sees it', () => {
    const refused = make()
    refused.socket.refuse()
    const cut = opened()
    cut.socket.cut()
    for (const { events } of [refused, cut]) {
      expect(events).toEqual([
        ['error', 3],
        [3, 1006, '', false],
      ])
    }
  })

  test('keeps what reached the network, and loses the rest in silence', () => {
    const { socket } = opened()
    socket.send('a')
    socket.close()
    socket.send('b')
    socket.serverClose()
    socket.send('c')
    expect(socket.sent).toEqual(['a'])
  })

  test('throws for a send before it is open', () => {
    const { socket } = make()
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
  })

  test('throws once when it is told to', () => {
    const { socket } = opened()
    socket.throwOnSend(new Error('broken'))
    expect(() => socket.send('a')).toThrow('broken')
    socket.send('b')
    expect(socket.sent).toEqual(['b'])
    socket.throwOnSend()
    expect(() => socket.send('c')).toThrow()
  })

  test('hears what the server sends, until it is closing', () => {
    const { socket, events } = opened()
    socket.serverSend('a')
    socket.close()
    socket.serverSend('b')
    expect(events).toEqual(['a'])
  })

  test('stays CLOSING until the server answers, and keeps what was asked for', () => {
    const { socket, events } = opened()
    socket.close(4000, 'bye')
    socket.close(4001, 'again')
    expect(socket.readyState).toBe(2)
    expect(socket.closeRequest).toEqual({ code: 4000, reason: 'bye' })
    expect(events).toEqual([])
    socket.serverClose()
    expect(events).toEqual([[3, 4000, 'bye', true]])
  })

  test('closes as the server says: without a code that is 1005', () => {
    const silent = opened()
    silent.socket.serverClose()
    expect(silent.events).toEqual([[3, 1005, '', true]])
    const named = opened()
    named.socket.serverClose(4403, 'banned')
    expect(named.events).toEqual([[3, 4403, 'banned', true]])
  })

  test.each([0, 999, 1001, 1006, 2999, 5000])('refuses the close code %i of a page', (code) => {
    const { socket } = opened()
    expect(() => socket.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
    expect(socket.readyState).toBe(1)
  })

  test('refuses a close reason of more than 123 bytes', () => {
    const { socket } = opened()
    expect(() => socket.close(1000, 'é'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    socket.close(1000, 'x'.repeat(123))
    expect(socket.readyState).toBe(2)
  })

  test('refuses what its state does not allow: a mistake of the test', () => {
    const { socket } = make()
    expect(() => socket.serverSend('x')).toThrow('state 0')
    expect(() => socket.serverClose()).toThrow('state 0')
    socket.accept()
    expect(() => socket.accept()).toThrow('state 1')
    socket.cut()
    expect(() => socket.cut()).toThrow('state 3')
  })

  test('needs nobody who listens', () => {
    const socket = new FakeWebSocket('wss://server.test/', ['a'])
    expect(socket.protocols).toEqual(['a'])
    socket.accept()
    socket.serverSend('x')
    socket.cut()
    expect(socket.readyState).toBe(3)
  })
})
