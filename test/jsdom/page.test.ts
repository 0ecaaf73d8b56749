// @vitest-environment jsdom
// @vitest-environment-options { "url": "https://app.test/shop/cart" }
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { browserEnvironment } from '../../src/core/platform/browser.js'
import { connect, type Hint } from '../../src/index.js'
import { FakeWebSocket } from '../../src/testing/fake-web-socket.js'

const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
  vi.restoreAllMocks()
})

const show = (state: DocumentVisibilityState): void => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(state === 'hidden')
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
}

const hintsOf = (act: () => void): Hint[] => {
  const hints: Hint[] = []
  const end = browserEnvironment().onHint((hint) => hints.push(hint))
  act()
  end()
  return hints
}

describe('the events of a page', () => {
  test.each(['online', 'offline', 'focus', 'pageshow', 'pagehide'] as const)('%s of the window is a hint', (type) => {
    expect(hintsOf(() => window.dispatchEvent(new Event(type)))).toEqual([type])
  })

  test.each([
    [false, 'unload'],
    [true, 'pagehide'],
  ] as const)('pagehide says whether the page may come back (persisted: %s)', (persisted, hint) => {
    expect(hintsOf(() => window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted })))).toEqual([hint])
  })

  test.each(['freeze', 'resume'] as const)('%s of the document is a hint', (type) => {
    expect(hintsOf(() => document.dispatchEvent(new Event(type)))).toEqual([type])
  })

  test('visibilitychange is one, by what it changed to', () => {
    expect(
      hintsOf(() => {
        show('hidden')
        show('visible')
      }),
    ).toEqual(['hidden', 'visible'])
  })

  test('the focus of a field is none', () => {
    const field = document.body.appendChild(document.createElement('input'))
    ends.push(() => field.remove())
    expect(hintsOf(() => field.dispatchEvent(new FocusEvent('focus')))).toEqual([])
  })

  test('are not listened to after the end', () => {
    const hints: Hint[] = []
    browserEnvironment().onHint((hint) => hints.push(hint))()
    window.dispatchEvent(new Event('online'))
    show('hidden')
    expect(hints).toEqual([])
  })

  test('tell whether the page is hidden', () => {
    show('hidden')
    expect(browserEnvironment().isHidden()).toBe(true)
    show('visible')
    expect(browserEnvironment().isHidden()).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    ['live', 'wss://app.test/shop/live'],
    ['/ws?room=9', 'wss://app.test/ws?room=9'],
    ['//other.test/ws', 'wss://other.test/ws'],
    ['https://other.test/ws', 'wss://other.test/ws'],
    ['ws://other.test/ws', 'ws://other.test/ws'],
  ])('%s is %s', (address, absolute) => {
    expect(browserEnvironment().resolveUrl(address)).toBe(absolute)
  })

  test('is relative to the base of the document', () => {
    const base = document.head.appendChild(document.createElement('base'))
    ends.push(() => base.remove())
    base.href = 'https://cdn.test/app/'
    expect(browserEnvironment().resolveUrl('live')).toBe('wss://cdn.test/app/live')
  })

  test.each(['#top', 'live#top', 'javascript:0', 'data:,x'])('%s is none', (address) => {
    expect(() => browserEnvironment().resolveUrl(address)).toThrow()
  })
})

describe('a client in a page', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const inPage = async () => {
    const sockets: FakeWebSocket[] = []
    const client = connect('/ws', {
      environment: {
        WebSocket: class extends FakeWebSocket {
          constructor(url: string, protocols?: string[]) {
            super(url, protocols)
            sockets.push(this)
          }
        },
      },
    })
    ends.push(() => client.close())
    await vi.advanceTimersByTimeAsync(0)
    sockets[0]?.accept()
    return { client, sockets }
  }

  test('P7.4 closes politely when it is put aside, and comes back when it is shown', async () => {
    const { client, sockets } = await inPage()
    expect(sockets[0]?.url).toBe('wss://app.test/ws')
    window.dispatchEvent(new Event('pagehide'))
    expect(sockets[0]?.closeRequest).toEqual({ code: 1000, reason: 'page hidden' })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sockets).toHaveLength(1)
    window.dispatchEvent(new Event('pageshow'))
    await vi.advanceTimersByTimeAsync(0)
    sockets[1]?.accept()
    expect(client.status).toBe('open')
  })

  test('makes no attempt while it has been hidden for long, and one at once when it is seen', async () => {
    const { client, sockets } = await inPage()
    show('hidden')
    await vi.advanceTimersByTimeAsync(600_000)
    sockets[0]?.cut()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sockets).toHaveLength(1)
    expect(client.explain().waitingFor).toBe('page')
    show('visible')
    await vi.advanceTimersByTimeAsync(0)
    expect(sockets).toHaveLength(2)
  })

  test('leaves no listener and no timer after close', async () => {
    const { client, sockets } = await inPage()
    client.close()
    for (const type of ['pagehide', 'pageshow', 'focus', 'online']) window.dispatchEvent(new Event(type))
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets).toHaveLength(1)
  })
})
