/**
 * What a WebSocket class does, as data: run in a page with the class of that name, against the server of
 * `drop-in.test.ts`. Each function travels as text, and stands for itself. Of what is sent too late it says only that it is
 * counted: WebKit counts six bytes more for each message, which the standard forbids.
 */
import type { HoldfastWebSocket } from '../../src/addons/websocket/index.js'

declare global {
  interface Window {
    DropIn: typeof HoldfastWebSocket
    /** By the script tag. */
    Holdfast: { WebSocket: typeof HoldfastWebSocket }
    /** `HoldfastWebSocket.once()`. */
    Once: typeof HoldfastWebSocket
    WebSocket: typeof WebSocket
    /** Put there by a test. */
    socket: HoldfastWebSocket
    log: unknown[]
  }
}

/** The platform's class, or the one to put in its place. */
export type ClassName = 'WebSocket' | 'Once'

type Behaviour = (name: ClassName, url: string) => unknown

export const BEHAVIOURS: { readonly [title: string]: Behaviour } = {
  'has its constants, methods and attributes where they belong': (name, url) => {
    const Socket = window[name]
    const socket = new Socket(url)
    socket.close()
    // The one made by `once` extends the class that has them.
    const names = new Set<string>()
    for (let at = socket; at instanceof EventTarget; at = Object.getPrototypeOf(at)) {
      if (Object.getPrototypeOf(at) === EventTarget.prototype) {
        for (const name of Object.getOwnPropertyNames(at)) names.add(name)
      }
    }
    // Typed anew there, and inherited here.
    for (const name of ['addEventListener', 'removeEventListener']) names.delete(name)
    const { value, writable, configurable } = Object.getOwnPropertyDescriptor(
      name === 'Once' ? window.DropIn : Socket,
      'OPEN',
    ) as PropertyDescriptor
    return {
      names: [...names].sort(),
      own: Object.keys(socket),
      text: `${socket}`,
      constants: [Socket.CONNECTING, Socket.OPEN, Socket.CLOSING, Socket.CLOSED, socket.CLOSED, value],
      descriptor: { writable, configurable },
    }
  },

  'takes and refuses arguments of the constructor': (name, url) => {
    const Socket = window[name] as unknown as new (...args: unknown[]) => WebSocket
    const port = new URL(url).port
    const ask = (...args: unknown[]): unknown => {
      try {
        const socket = new Socket(...args)
        socket.close()
        return socket.url
      } catch (error) {
        return [(error as Error).name, error instanceof DOMException]
      }
    }
    const urls = [
      url,
      `http://127.0.0.1:${port}/a?b=c`,
      `HTTPS://127.0.0.1:${port}`,
      '/relative',
      // Not '', which Firefox refuses and the standard takes for the page's own.
      '?query',
      'ws://',
      'ws://127.0.0.1/#',
      'ws://127.0.0.1/#fragment',
      'ftp://127.0.0.1',
      'mailto:a@b',
      'ws://user:password@127.0.0.1/ä b',
      new URL(url),
      { toString: () => url },
      null,
    ]
    const protocols = [
      undefined,
      [],
      'chat',
      '',
      'a b',
      'ä',
      'a,b',
      'a/b',
      "!#$%&'*+-.^_`|~",
      ['a', 'a'],
      ['a', 'A'],
      ['a', ''],
      new Set(['x', 'y']),
      null,
      5,
      {},
    ]
    const call = Socket as unknown as (url: string) => unknown
    const called = (() => {
      try {
        return call(url)
      } catch (error) {
        return (error as Error).name
      }
    })()
    return {
      none: ask(),
      called,
      urls: urls.map((url) => ask(url)),
      protocols: protocols.map((protocols) => ask(url, protocols)),
    }
  },

  'takes and refuses arguments of close': (name, url) => {
    const ask = (...args: unknown[]): unknown => {
      const socket = new window[name](url)
      try {
        const { close } = socket as unknown as { close(...args: unknown[]): void }
        close.call(socket, ...args)
        return socket.readyState
      } catch (error) {
        const { readyState } = socket
        socket.close()
        return [(error as Error).name, error instanceof DOMException, readyState]
      }
    }
    const codes = [
      undefined,
      0,
      999,
      1000,
      1001,
      1005,
      1006,
      2999,
      3000,
      4999,
      5000,
      70_000,
      -1,
      NaN,
      null,
      '3000',
      'x',
    ]
    const reasons = [undefined, '', 'a'.repeat(123), 'a'.repeat(124), 'ä'.repeat(61), 'ä'.repeat(62), null, 5]
    // Chromium truncates 2999.5, where the standard rounds it, and takes a reason without a code for the code 0.
    return {
      codes: [...codes, 3000.4, 2999.4].map((code) => ask(code)),
      reasons: reasons.map((reason) => ask(1000, reason)),
    }
  },

  'tells of opening, of messages and of the end, in order and in tasks of their own': async (name, url) => {
    const socket = new window[name](`${url}?protocol`, ['first', 'second'])
    const log: unknown[] = []
    const note = (event: Event): void => {
      const { type, bubbles, cancelable, composed, target, eventPhase } = event
      log.push([type, socket.readyState, event.constructor.name, bubbles, cancelable, composed, eventPhase])
      log.push([target === socket, event.currentTarget === socket])
      if (event instanceof MessageEvent) {
        const { data, origin, lastEventId, source, ports } = event
        log.push([typeof data === 'string' ? data : data.constructor.name, origin, lastEventId, source, ports.length])
      }
      if (event instanceof CloseEvent) log.push([event.code, event.reason, event.wasClean])
    }
    log.push([socket.readyState, socket.protocol, socket.extensions, socket.binaryType, socket.bufferedAmount])
    socket.onopen = (event) => {
      note(event)
      log.push([socket.protocol, socket.url === `${url}?protocol`])
      queueMicrotask(() => log.push('a task of its own'))
      socket.send('text ä')
      log.push(socket.bufferedAmount)
      socket.send(new Uint8Array([1, 2]))
    }
    socket.onmessage = (event) => {
      note(event)
      queueMicrotask(() => log.push('a task of its own'))
      if (typeof event.data === 'string') return
      if (socket.binaryType === 'blob') {
        socket.binaryType = 'arraybuffer'
        // @ts-expect-error: there is none of that name
        socket.binaryType = 'text'
        socket.send(new Blob(['blob']))
      } else socket.send('close 4321 why not')
    }
    socket.onerror = note
    socket.onclose = note
    await new Promise((resolve) => socket.addEventListener('close', resolve))
    log.push([socket.readyState, socket.protocol, socket.binaryType])
    socket.send('12')
    socket.send(new Uint8Array(3))
    log.push(socket.bufferedAmount >= 5)
    return log
  },

  'sends what it is given as the standard turns it': async (name, url) => {
    const socket = new window[name](url)
    const { send } = socket as unknown as { send(data: unknown): void }
    const back: unknown[] = []
    await new Promise((resolve) => {
      const values = [1, null, undefined, true, {}, [1, 2], new Date(0).getTime(), 'lone \ud800 half', '']
      socket.onopen = () => {
        for (const value of values) send.call(socket, value)
        socket.send(new Uint8Array([0, 1, 2, 3]).subarray(1, 3))
        socket.send(new DataView(new ArrayBuffer(2)))
        socket.send('last')
      }
      socket.binaryType = 'arraybuffer'
      socket.onmessage = ({ data }) => {
        back.push(typeof data === 'string' ? data : [...new Uint8Array(data)])
        if (data === 'last') resolve(undefined)
      }
    })
    socket.close()
    return back
  },

  'closes with the code it was given, and says so later': async (name, url) => {
    const results: unknown[] = []
    for (const args of [[], [1000], [3001, 'bye'], [4999, '']] as [number?, string?][]) {
      const socket = new window[name](url)
      results.push(
        await new Promise((resolve) => {
          const log: unknown[] = []
          socket.onopen = () => {
            socket.close(...args)
            log.push(socket.readyState)
            socket.send('123')
            log.push(socket.bufferedAmount >= 3)
            socket.close(4999, 'a second one')
            queueMicrotask(() => log.push('after close'))
          }
          socket.onmessage = () => log.push('a message')
          socket.onerror = () => log.push(`error ${socket.readyState}`)
          socket.onclose = ({ code, reason, wasClean }) => {
            resolve([...log, socket.readyState, code, reason, wasClean])
          }
        }),
      )
    }
    return results
  },

  'tells of a connection that the server closes without a code': async (name, url) => {
    const socket = new window[name](url)
    const log: unknown[] = []
    await new Promise((resolve) => {
      socket.onopen = () => socket.send('close')
      socket.onerror = () => log.push('error')
      socket.onclose = ({ code, reason, wasClean }) => resolve(log.push(code, reason, wasClean))
    })
    return log
  },

  'tells of a connection that is cut': async (name, url) => {
    const socket = new window[name](url)
    const log: unknown[] = []
    await new Promise((resolve) => {
      socket.onopen = () => socket.send('cut')
      socket.onerror = () => log.push('error', socket.readyState)
      socket.onclose = ({ code, reason, wasClean }) => resolve(log.push(socket.readyState, code, reason, wasClean))
    })
    return log
  },

  'tells of a connection that is refused, or that fails in the handshake': async (name, url) => {
    const fail = (url: string, protocols: string[] = []): Promise<unknown> =>
      new Promise((resolve) => {
        const log: unknown[] = []
        const socket = new window[name](url, protocols)
        socket.onopen = () => log.push('open')
        socket.onerror = (event) => log.push(['error', event.constructor.name, socket.readyState])
        socket.onclose = ({ code, reason, wasClean }) => {
          resolve([...log, socket.readyState, code, reason, wasClean, socket.protocol])
        }
      })
    return [await fail(`${url}?refuse`), await fail(`${url}?wrong`, ['a'])]
  },

  'closes while it connects': async (name, url) => {
    const log: unknown[] = []
    const socket = new window[name](url)
    const closed = new Promise((resolve) => {
      socket.onopen = () => log.push('open')
      socket.onerror = () => log.push(['error', socket.readyState])
      socket.onclose = ({ code, reason, wasClean }) => resolve(log.push(socket.readyState, code, reason, wasClean))
    })
    try {
      socket.send('too early')
    } catch (error) {
      log.push((error as Error).name, error instanceof DOMException, socket.bufferedAmount)
    }
    socket.close(3000, 'never mind')
    log.push(socket.readyState)
    socket.send('1234')
    log.push(socket.bufferedAmount >= 4)
    await closed
    log.push(socket.bufferedAmount >= 4)
    return log
  },

  'calls listeners in turn, once, until a signal, and past one that throws': async (name, url) => {
    const socket = new window[name](url)
    const log: unknown[] = []
    const thrown: string[] = []
    const catchIt = (event: ErrorEvent): void => {
      thrown.push(event.message)
      event.preventDefault()
    }
    window.addEventListener('error', catchIt)
    const controller = new AbortController()
    socket.addEventListener('message', () => log.push('once'), { once: true })
    socket.onmessage = () => log.push('never')
    socket.addEventListener('message', () => log.push('until'), { signal: controller.signal })
    socket.addEventListener('message', () => {
      throw new Error('oops')
    })
    socket.addEventListener('message', { handleEvent: ({ type }) => log.push(['object', type]) })
    socket.onmessage = function ({ data }) {
      log.push(['attribute', this === socket, data])
    }
    const { onmessage } = socket
    const next = (): Promise<unknown> =>
      new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.send('1')
    await next()
    controller.abort()
    socket.onmessage = null
    log.push(socket.onmessage)
    socket.onmessage = onmessage
    log.push(socket.onmessage === onmessage)
    // @ts-expect-error: no handler
    socket.onclose = 5
    log.push(socket.onclose)
    // @ts-expect-error: kept, and never called
    socket.onerror = {}
    log.push(typeof socket.onerror)
    socket.send('2')
    await next()
    socket.onmessage = onmessage
    log.push(socket.dispatchEvent(new MessageEvent('message', { data: 'of the app', cancelable: true })))
    socket.close()
    window.removeEventListener('error', catchIt)
    return { log, thrown: thrown.map((message) => /oops/.test(message)) }
  },
}
