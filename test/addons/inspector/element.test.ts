// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HoldfastInspector } from '../../../src/addons/inspector/index.js'
import { resumable } from '../../../src/addons/resume/index.js'
import type { Client, ClientEvents } from '../../../src/index.js'
import { createTestPair, type TestPair } from '../../../src/testing/index.js'

const HEIGHT = 240
/** Rows of 24 pixels in that, and some more at either edge. */
const MOST_ROWS = 10 + 12

const pairs: TestPair[] = []

beforeEach(() => {
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'requestAnimationFrame',
      'cancelAnimationFrame',
      'Date',
      'performance',
    ],
  })
  // jsdom lays nothing out.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(HEIGHT)
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockImplementation(function (this: HTMLElement) {
    return Number.parseFloat((this.firstElementChild as HTMLElement | null)?.style.height ?? '0')
  })
  vi.stubGlobal(
    'ResizeObserver',
    class {
      readonly #callback: () => void
      constructor(callback: () => void) {
        this.#callback = callback
      }
      observe(): void {
        this.#callback()
      }
      disconnect(): void {}
    },
  )
})

afterEach(async () => {
  document.body.replaceChildren()
  expect(vi.getTimerCount(), 'timers of an element that is gone').toBe(0)
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  for (const pair of pairs.splice(0)) await pair.close()
})

/** What was drawn lately is drawn. */
const drawn = () => vi.advanceTimersByTimeAsync(300)

async function startPair(options: Parameters<typeof createTestPair>[0] = {}): Promise<TestPair> {
  const pair = createTestPair({
    server: { requests: { sum: () => 3, never: () => new Promise(() => {}) } },
    ...options,
  })
  pairs.push(pair)
  await pair.settle()
  return pair
}

function add(client: Client | undefined, attributes: readonly string[] = []): HoldfastInspector {
  const inspector = document.createElement('holdfast-inspector')
  for (const name of attributes) inspector.setAttribute(name, '')
  inspector.client = client
  document.body.append(inspector)
  return inspector
}

const all = (inspector: HoldfastInspector, selector: string): HTMLElement[] => [
  ...(inspector.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? []),
]
const one = (inspector: HoldfastInspector, selector: string): HTMLElement => {
  const [element] = all(inspector, selector)
  if (!element) throw new Error(`There is no ${selector}.`)
  return element
}
const textOf = (inspector: HoldfastInspector, selector: string): string => one(inspector, selector).textContent ?? ''
const named = (inspector: HoldfastInspector, name: string): HTMLElement => {
  const found = all(inspector, 'button').find(({ textContent }) => textContent?.startsWith(name))
  if (!found) throw new Error(`There is no button ${name}.`)
  return found
}
/** Rows as they are in order. */
const rows = (inspector: HoldfastInspector): HTMLElement[] =>
  all(inspector, '[role=option]').sort(
    (a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet) || placeOf(a) - placeOf(b),
  )
const placeOf = (row: HTMLElement): number => Number(row.getAttribute('aria-posinset'))
const labels = (inspector: HoldfastInspector): string[] =>
  rows(inspector).map((row) => row.getAttribute('aria-label')?.replace(/^[\d:.]+, /, '') ?? '')
const press = (target: HTMLElement, key: string, more: KeyboardEventInit = {}): void => {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more }))
}
const linesOf = async (inspector: HoldfastInspector): Promise<{ [member: string]: unknown }[]> => {
  const text = await new Response(await inspector.export().arrayBuffer()).text()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('what is recorded', () => {
  test('nothing, and nobody listens to frames, until it is opened', async () => {
    const { client } = await startPair()
    const listened: string[] = []
    const ended: string[] = []
    const spied: Client = {
      ...client,
      on<E extends keyof ClientEvents>(event: E, listener: (data: ClientEvents[E]) => void) {
        listened.push(event)
        const end = client.on(event, listener)
        return () => {
          ended.push(event)
          end()
        }
      },
    }
    const inspector = add(spied)
    client.send('hello')
    expect(listened).toEqual(['status'])
    expect(await linesOf(inspector)).toHaveLength(1)
    inspector.open = true
    expect(listened).toContain('frame')
    // A listener of these would keep the client from reporting them on the console.
    expect(listened).not.toContain('error')
    expect(listened).not.toContain('drop')
    inspector.open = false
    expect(ended).toContain('frame')
    inspector.remove()
    expect(ended.sort()).toEqual(listened.sort())
  })

  test('everything from then on, and what is folded in between is said', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['open'])
    client.send('one')
    inspector.open = false
    client.send('two')
    inspector.open = true
    client.send('three')
    await drawn()
    expect(labels(inspector)).toEqual([
      expect.stringMatching(/^open: Connected/),
      'out, raw , 3 B. one',
      'note: Not recorded up to here.',
      'out, raw , 5 B. three',
    ])
  })

  test('with `record`, while it is folded, too', async () => {
    const { client } = await startPair()
    const inspector = add(client)
    inspector.record = true
    expect(inspector.record).toBe(true)
    client.send('hello')
    await drawn()
    expect((await linesOf(inspector)).at(-1)).toMatchObject({ type: 'frame', direction: 'out', data: 'hello' })
    inspector.record = false
    client.send('no more')
    expect((await linesOf(inspector)).at(-1)).toMatchObject({ data: 'hello' })
  })

  test('bytes as they were, and a Blob by its size', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['record'])
    const bytes = new Uint8Array([0, 1, 2, 3]).subarray(1)
    client.send(bytes)
    client.send(new Uint8Array([7]).buffer)
    bytes[0] = 99
    expect((await linesOf(inspector)).slice(2)).toMatchObject([
      { size: 3, base64: 'AQID' },
      { size: 1, base64: 'Bw==' },
    ])
  })

  test('no more than the limits say', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['record'])
    expect([inspector.maxFrames, inspector.maxBytes]).toEqual([10_000, 16 * 2 ** 20])
    inspector.maxFrames = 2
    inspector.maxBytes = 5000
    for (const text of ['a', 'b', 'c']) client.send(text)
    expect(await linesOf(inspector)).toMatchObject([{ discarded: 2 }, { data: 'b' }, { data: 'c' }])
    client.send('x'.repeat(3000))
    expect((await linesOf(inspector)).at(-1)?.['data']).toBeUndefined()
    inspector.setAttribute('max-frames', 'many')
    inspector.setAttribute('max-bytes', '-1')
    expect([inspector.maxFrames, inspector.maxBytes]).toEqual([10_000, 16 * 2 ** 20])
  })

  test('what `redact` leaves of it: no export has more', async () => {
    const { client } = await startPair({
      client: { session: resumable(), auth: () => 'secret' },
      server: { auth: () => 'ada' },
    })
    const inspector = add(client)
    inspector.redact = (payload, { kind }) => (kind === 'raw' ? '[redacted]' : payload)
    expect(inspector.redact).toBeTypeOf('function')
    inspector.record = true
    client.send('secret')
    client.reconnect()
    await pairs[0]?.run(100)
    const lines = await linesOf(inspector)
    expect(JSON.stringify(lines)).toContain('[redacted]')
    expect(JSON.stringify(lines)).toContain('"kind":"hi"')
    expect(JSON.stringify(lines)).not.toContain('secret')
  })

  test('of another client: from its beginning', async () => {
    const [first, second] = [await startPair(), await startPair()]
    const inspector = add(first.client, ['record'])
    first.client.send('first')
    inspector.client = second.client
    inspector.client = second.client
    first.client.send('no more')
    second.client.send('second')
    const lines = (await linesOf(inspector)).slice(2)
    expect(lines).toMatchObject([{ data: 'second' }])
    inspector.client = undefined
    await drawn()
    expect(textOf(inspector, '.why')).toBe('Set the property client.')
  })

  test('what was set before the class was known counts', async () => {
    const { client } = await startPair()
    const inspector = document.createElement('holdfast-inspector')
    for (const [name, value] of Object.entries({ client, record: true, maxFrames: 1, redact: () => 'gone' })) {
      Object.defineProperty(inspector, name, { value, configurable: true, writable: true, enumerable: true })
    }
    document.body.append(inspector)
    client.send('hello')
    expect(inspector.hasAttribute('record')).toBe(true)
    expect((await linesOf(inspector)).slice(1)).toMatchObject([{ data: 'gone' }])
  })

  test('is forgotten by Clear', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['open'])
    client.send('hello')
    named(inspector, 'Clear').click()
    client.send('after')
    await drawn()
    expect(labels(inspector)).toEqual([expect.stringMatching(/^open/), 'out, raw , 5 B. after'])
  })
})

test('a session is told: what became of it, its numbers, and what is in doubt', async () => {
  const pair = await startPair({ client: { session: resumable() } })
  const inspector = add(pair.client, ['open'])
  pair.client.send('hello')
  await pair.settle()
  pair.client.reconnect()
  await pair.settle()
  await drawn()
  expect(labels(inspector)).toContainEqual(expect.stringMatching(/^note: The session went on after/))
  const figures = all(inspector, '.figures > div').map(({ textContent }) => textContent)
  expect(figures).toContainEqual(expect.stringMatching(/^Sent1acknowledged 1$/))
  pair.client.request('never').catch(() => {})
  await pair.settle()
  named(inspector, 'Requests').focus()
  await drawn()
  expect(named(inspector, 'Requests').textContent).toBe('Requests (1)')
  expect(
    all(inspector, '#panel-Requests td')
      .map(({ textContent }) => textContent)
      .slice(0, 3),
  ).toEqual(['never', '1', 'page'])
  pair.restart()
  await pair.run(3000)
  await drawn()
  named(inspector, 'Frames').click()
  await drawn()
  expect(labels(inspector)).toContainEqual(
    expect.stringMatching(/^note: The session is lost \(unknown\); the fate of 1/),
  )
  expect(labels(inspector)).toContainEqual(expect.stringMatching(/^note: Messages are missing \(unknown\)/))
  pair.client.close()
  await drawn()
  expect(labels(inspector)).toContainEqual(expect.stringMatching(/^note: The client has ended/))
})

describe('what is shown', () => {
  test('folded: one line, and the status follows', async () => {
    const pair = await startPair()
    const inspector = add(pair.client)
    expect(one(inspector, '.body').hidden).toBe(true)
    expect(named(inspector, 'holdfast').getAttribute('aria-expanded')).toBe('false')
    expect(textOf(inspector, '.pill')).toBe('open')
    pair.connection.cut()
    await pair.settle()
    await drawn()
    expect(textOf(inspector, '.pill')).toBe('waiting')
    expect(textOf(inspector, '.why')).toMatch(/1006/)
    named(inspector, 'holdfast').click()
    await drawn()
    expect(inspector.open).toBe(true)
    expect(one(inspector, '.body').hidden).toBe(false)
  })

  test('a countdown until what is waited for', async () => {
    const pair = await startPair()
    vi.setSystemTime(pair.environment.now())
    const inspector = add(pair.client, ['open'])
    pair.connection.cut()
    await pair.settle()
    vi.setSystemTime(pair.environment.now())
    await drawn()
    expect(textOf(inspector, '.countdown')).toMatch(/^next attempt in 0\.\d s, 1 attempt failed$/)
    await pair.environment.advance(1000)
    vi.setSystemTime(pair.environment.now())
    await drawn()
    expect(textOf(inspector, '.countdown')).toMatch(/^(gives up in \d+\.\d s, 1 attempt failed|)$/)
  })

  test('the states, the last one first, with how long they lasted', async () => {
    const pair = await startPair()
    const inspector = add(pair.client, ['open'])
    await vi.advanceTimersByTimeAsync(2000)
    pair.connection.cut()
    await pair.settle()
    named(inspector, 'States').click()
    await drawn()
    const cells = all(inspector, '#panel-States tr').map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    )
    expect(cells[1]?.slice(1)).toEqual(['waiting', expect.any(String), expect.stringMatching(/1006.*\(1 failed\)$/)])
    expect(cells[2]?.slice(1)).toEqual(['open', '2.0 s', 'Connected.'])
  })

  test('the round trip as a chart that says in words what it shows', async () => {
    const pair = await startPair()
    Object.defineProperty(pair.client, 'stats', { get: () => ({ ...stats, roundTripMs: 23 }) })
    const { stats } = await startPair().then(({ client }) => client)
    const inspector = add(pair.client, ['open'])
    await vi.advanceTimersByTimeAsync(5000)
    expect(one(inspector, '.chart svg').getAttribute('aria-label')).toBe(
      'Round trip in the last two minutes: last 23 ms, highest 23 ms',
    )
    expect(one(inspector, '.line').getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+L/)
    expect(all(inspector, '.strip rect').map((part) => part.dataset['status'])).toEqual(['open'])
  })
})

describe('the list', () => {
  const many = async (count = 10_000) => {
    const { client } = await startPair()
    const inspector = add(client, ['open'])
    for (let i = 0; i < count - 1; i++) client.send(`message ${i}`)
    await drawn()
    const list = one(inspector, '[role=listbox]')
    return { client, inspector, list }
  }
  const scroll = (list: HTMLElement, top: number): void => {
    list.scrollTop = top
    list.dispatchEvent(new Event('scroll'))
  }

  test('of 10,000 has a few rows, and shows the end of them', async () => {
    const { inspector, list } = await many()
    expect(rows(inspector).length).toBeLessThanOrEqual(MOST_ROWS)
    expect(one(inspector, '.space').style.height).toBe('240000px')
    expect(rows(inspector).map(placeOf).at(-1)).toBe(10_000)
    expect(rows(inspector).at(-1)?.getAttribute('aria-setsize')).toBe('10000')
    expect(textOf(inspector, '.count')).toBe('10,000 entries')
    scroll(list, 24 * 5000)
    expect(rows(inspector).length).toBeLessThanOrEqual(MOST_ROWS)
    expect(labels(inspector)).toContain('out, raw , 12 B. message 5000')
  })

  test('stays where one reads, while others come and the first ones go', async () => {
    const { client, inspector, list } = await many()
    scroll(list, 24 * 5000)
    const before = list.scrollTop
    for (let i = 0; i < 100; i++) client.send('more')
    await drawn()
    expect(list.scrollTop).toBe(before - 100 * 24)
    expect(labels(inspector)).toContain('out, raw , 12 B. message 5000')
    expect(textOf(inspector, '.count')).toBe('10,000 entries, 100 older ones gone')
    expect(named(inspector, '↓ Newest').hidden).toBe(false)
    named(inspector, '↓ Newest').click()
    expect(rows(inspector).map(placeOf).at(-1)).toBe(10_000)
    expect(named(inspector, '↓ Newest').hidden).toBe(true)
  })

  test('is walked by the keys, and what is chosen is shown whole', async () => {
    const { inspector, list } = await many(100)
    scroll(list, 0)
    const chosen = () =>
      rows(inspector)
        .filter((row) => row.getAttribute('aria-selected') === 'true')
        .map(placeOf)
    press(list, 'ArrowDown')
    expect(chosen()).toEqual([1])
    press(list, 'ArrowDown')
    expect(chosen()).toEqual([2])
    expect(one(inspector, `#${list.getAttribute('aria-activedescendant')}`).getAttribute('aria-posinset')).toBe('2')
    expect(textOf(inspector, '.details pre')).toBe('message 0')
    expect(textOf(inspector, '.details dl')).toContain('out, by the page')
    press(list, 'PageDown')
    expect(chosen()).toEqual([11])
    press(list, 'PageUp')
    press(list, 'ArrowUp')
    expect(chosen()).toEqual([1])
    expect(textOf(inspector, '.details pre')).toContain('"why": "Connected."')
    press(list, 'End')
    expect(chosen()).toEqual([100])
    expect(list.scrollTop).toBe(100 * 24 - HEIGHT)
    press(list, 'Home')
    expect(list.scrollTop).toBe(0)
    press(list, 'x')
    press(list, 'End', { ctrlKey: true })
    expect(chosen()).toEqual([1])
    press(list, 'Escape')
    expect(chosen()).toEqual([])
    expect(one(inspector, '.details').hidden).toBe(true)
    expect(list.hasAttribute('aria-activedescendant')).toBe(false)
  })

  test('is searched: what does not match goes, and Enter walks through the rest', async () => {
    const { inspector, list } = await many(100)
    scroll(list, 0)
    const search = one(inspector, 'input[type=search]') as HTMLInputElement
    search.value = 'age 7'
    search.dispatchEvent(new Event('input'))
    await drawn()
    expect(textOf(inspector, '.count')).toBe('11 of 100 entries')
    press(search, 'Enter')
    press(search, 'Enter')
    expect(textOf(inspector, '.details pre')).toBe('message 70')
    expect(textOf(inspector, 'mark')).toBe('age 7')
    press(search, 'Enter', { shiftKey: true })
    expect(textOf(inspector, '.details pre')).toBe('message 7')
    press(search, 'x')
    press(search, 'ArrowDown')
    expect(inspector.shadowRoot?.activeElement).toBe(one(inspector, '[role=listbox]'))
    press(one(inspector, '[role=listbox]'), '/')
    expect(inspector.shadowRoot?.activeElement).toBe(search)
  })

  test('is filtered by kind and direction', async () => {
    const pair = await startPair()
    const inspector = add(pair.client, ['open'])
    await Promise.all([pair.client.request('sum', [1, 2]), pair.settle()])
    pair.client.send('hello')
    const toggle = (name: string): HTMLElement => {
      const found = all(inspector, '.kinds button').find(({ textContent }) => textContent === name)
      if (!found) throw new Error(`There is no button ${name}.`)
      return found
    }
    const show = async (...names: string[]) => {
      for (const name of names) toggle(name).click()
      await drawn()
      return labels(inspector).map((label) => label.split(',')[1]?.trim().split(' ')[0])
    }
    expect(await show('States')).toEqual(['request', 'answer', 'raw'])
    expect(toggle('States').getAttribute('aria-pressed')).toBe('false')
    expect(await show('Out')).toEqual(['answer'])
    expect(await show('Out', 'Answers')).toEqual(['request', 'raw'])
    expect(await show('Answers')).toEqual(['request', 'answer', 'raw'])
  })

  test('stands still while it is paused, and the rest is there afterwards', async () => {
    const { client, inspector } = await many(10)
    named(inspector, 'Pause').click()
    for (let i = 0; i < 5; i++) client.send('meanwhile')
    await drawn()
    expect(textOf(inspector, '.count')).toBe('10 entries')
    named(inspector, 'Resume (5 new)').click()
    await drawn()
    expect(textOf(inspector, '.count')).toBe('15 entries')
    expect(named(inspector, 'Pause').textContent).toBe('Pause')
  })

  test('copies the one that is chosen', async () => {
    const { client, inspector, list } = await many(3)
    client.send(new Uint8Array([222, 173]))
    await drawn()
    const copied: string[] = []
    const clipboard = { writeText: async (text: string) => void copied.push(text) }
    vi.stubGlobal('navigator', { userAgent: 'Test/1.0', clipboard })
    rows(inspector)[1]?.click()
    named(inspector, 'Copy').click()
    await drawn()
    expect(all(inspector, '[role=status]').map(({ textContent }) => textContent)).toContain('Copied.')
    press(list, 'End')
    press(list, 'c', { ctrlKey: true })
    press(list, 'Home')
    press(list, 'c', { metaKey: true })
    await drawn()
    expect(copied).toEqual(['message 0', 'de ad', expect.stringMatching(/^\{"type":"state"/)])
  })

  test('copies in the old way where the new one is refused', async () => {
    const { inspector } = await many(3)
    vi.stubGlobal('navigator', { userAgent: 'Test/1.0' })
    const commands: string[] = []
    let works = true
    document.execCommand = (command) => {
      commands.push(command, (one(inspector, 'textarea') as HTMLTextAreaElement).value)
      return works
    }
    rows(inspector)[2]?.click()
    named(inspector, 'Copy').click()
    await drawn()
    expect(commands).toEqual(['copy', 'message 1'])
    works = false
    named(inspector, 'Copy').click()
    await drawn()
    expect(all(inspector, '[role=status]').map(({ textContent }) => textContent)).toContain(
      'The browser does not let this page copy.',
    )
    all(inspector, '[aria-label="Close details"]')[0]?.click()
    expect(one(inspector, '.details').hidden).toBe(true)
  })
})

describe('a report', () => {
  const MARKUP = '<img src=x onerror="document.title=1">'

  test('of one inspector is shown by another, as text', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['open'])
    client.send(MARKUP)
    const other = add(undefined, ['open'])
    await other.import(inspector.export(), `${MARKUP}.jsonl`)
    await drawn()
    expect(textOf(other, '.banner p')).toContain(`${MARKUP}.jsonl, by holdfast from source`)
    expect(labels(other)).toContainEqual(expect.stringContaining(MARKUP))
    rows(other)[1]?.click()
    expect(textOf(other, '.details pre')).toBe(MARKUP)
    expect(all(other, 'img, script')).toEqual([])
    expect(textOf(other, '.why')).toBe('Connected.')
    named(other, 'Back to live').click()
    await drawn()
    expect(one(other, '.banner').hidden).toBe(true)
    expect(labels(other)).toEqual([])
  })

  test('is shown while the client goes on being recorded', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['open'])
    const file = new File(['{"holdfast":"0.1.0","format":1,"discarded":5}\nbad'], 'r.jsonl')
    await inspector.import(file)
    client.send('meanwhile')
    await drawn()
    expect(labels(inspector)).toEqual([])
    expect(textOf(inspector, '.banner')).toContain('5 older entries were not kept')
    expect(all(inspector, '.banner li').map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/^Line 2:/),
    ])
    named(inspector, 'Clear').click()
    await drawn()
    expect(one(inspector, '.banner').hidden).toBe(true)
  })

  test('that is none is refused with a sentence', async () => {
    const inspector = add(undefined, ['open'])
    await inspector.import(new Blob(['hello']), 'holiday.jpg')
    expect(textOf(inspector, '.banner.error p')).toMatch(/^holiday\.jpg: This is no report/)
    named(inspector, 'Dismiss').click()
    expect(one(inspector, '.banner').hidden).toBe(true)
  })

  test('can be chosen or dropped', async () => {
    const inspector = add(undefined, ['open'])
    const file = new File(['{"holdfast":"0.1.0","format":1}'], 'dropped.jsonl')
    const drag = (type: string, dataTransfer: unknown) => {
      const event = Object.assign(new Event(type, { cancelable: true }), { dataTransfer })
      inspector.dispatchEvent(event)
      return event.defaultPrevented
    }
    expect(drag('dragover', { types: ['text/plain'], files: [] })).toBe(false)
    expect(drag('dragover', { types: ['Files'], files: [] })).toBe(true)
    expect(drag('drop', { types: ['text/plain'], files: [] })).toBe(false)
    expect(drag('drop', { types: ['Files'], files: [file] })).toBe(true)
    await vi.waitFor(() => expect(textOf(inspector, '.banner p')).toMatch(/^dropped\.jsonl/))
    const input = one(inspector, 'input[type=file]') as HTMLInputElement
    const opened = vi.spyOn(input, 'click').mockImplementation(() => {})
    named(inspector, 'Import').click()
    expect(opened).toHaveBeenCalled()
    Object.defineProperty(input, 'files', { value: [new File(['x'], 'chosen.jsonl')] })
    input.dispatchEvent(new Event('change'))
    await vi.waitFor(() => expect(textOf(inspector, '.banner p')).toMatch(/^chosen\.jsonl/))
  })

  test('is saved by Export', async () => {
    const { client } = await startPair()
    const inspector = add(client, ['open'])
    const saved: string[] = []
    URL.createObjectURL = () => 'blob:report'
    URL.revokeObjectURL = (url) => void saved.push(`revoked ${url}`)
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.push(this.download)
    })
    named(inspector, 'Export').click()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(saved).toEqual([expect.stringMatching(/^holdfast-[\dT-]+\.jsonl$/), 'revoked blob:report'])
  })
})

test('bars are one stop of the Tab key, and the arrow keys go through them', () => {
  const inspector = add(undefined, ['open'])
  const stops = (bar: string): string[] =>
    all(inspector, `${bar} button`).flatMap(({ tabIndex, textContent }) => (tabIndex === 0 ? [textContent ?? ''] : []))
  expect([stops('.tools'), stops('.tabs'), stops('.kinds')]).toEqual([['Pause'], ['Frames'], ['In']])
  const frames = named(inspector, 'Frames')
  frames.focus()
  press(frames, 'ArrowLeft')
  expect(named(inspector, 'States').getAttribute('aria-selected')).toBe('true')
  expect(stops('.tabs')).toEqual(['States'])
  press(named(inspector, 'States'), 'ArrowRight')
  expect(frames.getAttribute('aria-selected')).toBe('true')
  press(frames, 'End')
  expect(stops('.tabs')).toEqual(['States'])
  press(named(inspector, 'States'), 'Home')
  press(frames, 'x')
  expect(stops('.tabs')).toEqual(['Frames'])
})

test('it can be moved in the page, and what it has stays', async () => {
  const { client } = await startPair()
  const inspector = add(client, ['open'])
  client.send('before')
  inspector.remove()
  client.send('meanwhile')
  document.body.append(inspector)
  client.send('after')
  await drawn()
  expect(labels(inspector).filter((label) => label.startsWith('out'))).toEqual([
    'out, raw , 6 B. before',
    'out, raw , 5 B. after',
  ])
})

test('a second copy of the package does not throw, and the first one stays', async () => {
  vi.resetModules()
  const other = await import('../../../src/addons/inspector/index.js')
  expect(other.HoldfastInspector).not.toBe(HoldfastInspector)
  expect(customElements.get('holdfast-inspector')).toBe(HoldfastInspector)
})
