/** The measures of faults and memory, with pages in this process: that they tell what happened, not how fast. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { measureCuts } from '../../bench/faults/cuts.js'
import { measureMemory } from '../../bench/faults/memory.js'
import { measureReconnects } from '../../bench/faults/reconnects.js'
import { type BreakOptions, breakAndWait } from '../../bench/faults/recovery.js'
import type { RunTask } from '../../bench/faults/stand.js'
import type { Peer } from '../../bench/peers/peer.js'

/** In Node an error that nobody hears would end the process. */
class Socket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    this.on('error', () => {})
  }
}

/** A machine that does other things too is given time. */
const SLOW = { timeout: 30_000 }

let runTask: RunTask

beforeAll(async () => {
  setFlagsFromString('--expose-gc')
  vi.stubGlobal('WebSocket', Socket)
  vi.stubGlobal('gc', runInNewContext('gc'))
  Object.defineProperty(performance, 'memory', {
    configurable: true,
    get: () => ({ usedJSHeapSize: process.memoryUsage().heapUsed }),
  })
  // Only now: a page takes its class of sockets when it loads.
  const { FAULT_TASKS } = await import('../../bench/page/faults.js')
  runTask = async (file, { task, args, url, onMark = () => {} }) => {
    const { default: peer }: { default: Peer } = await import(`../../bench/peers/${file}.ts`)
    const context = {
      peer,
      url,
      mark: async (name: string) => onMark(name),
      control: () => Promise.reject(new Error('These tasks have no control socket.')),
    }
    return Reflect.apply(FAULT_TASKS[task], undefined, [context, args])
  }
  return () => {
    vi.unstubAllGlobals()
    Reflect.deleteProperty(performance, 'memory')
  }
})

describe('a connection that breaks', () => {
  const CUT: BreakOptions = { delayMs: 20, times: 2, afterMs: 10, limitMs: 2_000, how: (way) => way.cut() }
  const HOLE: BreakOptions = {
    ...CUT,
    times: 1,
    heartbeatMs: 100,
    limitMs: 1_500,
    how: (way) => way.swallow(),
  }

  test.each(['by-hand', 'holdfast', 'holdfast-resumable'])('%s comes back from a cut', async (peer) => {
    const recoveries = await breakAndWait(runTask, peer, CUT)
    expect(recoveries).toHaveLength(2)
    for (const { noticed, open, through } of recoveries) {
      expect(noticed).toBeGreaterThanOrEqual(0)
      expect(open).toBeGreaterThanOrEqual(Number(noticed))
      expect(through).toBeGreaterThanOrEqual(Number(open))
    }
  })

  test('a bare socket notices a cut, and does not come back', async () => {
    const [recovery] = await breakAndWait(runTask, 'bare', { ...CUT, limitMs: 300 })
    expect(recovery).toMatchObject({ noticed: expect.any(Number), open: undefined, through: undefined })
  })

  test.each(['holdfast', 'holdfast-resumable'])('%s notices a black hole, and has another connection', async (peer) => {
    const [recovery] = await breakAndWait(runTask, peer, HOLE)
    expect(recovery).toMatchObject({ noticed: expect.any(Number), open: expect.any(Number) })
    expect(recovery?.through).toBeGreaterThanOrEqual(Number(recovery?.noticed))
  })

  test('what has no heartbeat does not notice a black hole', async () => {
    const recoveries = await breakAndWait(runTask, 'by-hand', { ...HOLE, limitMs: 300 })
    expect(recoveries).toEqual([{ noticed: undefined, open: undefined, through: undefined }])
  })
})

describe('cuts', SLOW, () => {
  test('take messages from a bare reconnecting socket, both ways, and none from a session', async () => {
    const [byHand, resumable] = await Promise.all(
      ['by-hand', 'holdfast-resumable'].map((peer) => measureCuts(runTask, peer, 750)),
    )
    expect(byHand?.openings).toBeGreaterThan(1)
    expect(byHand?.down.lost).toBeGreaterThan(0)
    const none = { lost: 0, twice: 0, outOfOrder: 0 }
    expect(resumable).toMatchObject({ up: none, down: none })
    expect(resumable?.openings).toBeGreaterThan(1)
  })
})

describe('memory', SLOW, () => {
  test('of a message is that of its text and some more; and each arrives', async () => {
    const queued = await measureMemory(runTask, 'holdfast', 2_000)
    if (queued === 'absent') throw new Error('It has queued nothing.')
    expect(queued).toMatchObject({ lost: 0, late: 0, refused: 0 })
    expect(queued.textAlone).toBeGreaterThan(100)
    expect(queued.each).toBeGreaterThan(100)
  })

  test('is not told of what does not queue', async () => {
    expect(await measureMemory(runTask, 'bare', 10)).toBe('absent')
  })
})

test('reconnects leave one socket and one connection', SLOW, async () => {
  const left = await measureReconnects(runTask, 'holdfast', { before: 5, reconnects: 5 })
  expect(left).toMatchObject({ sockets: 1, connections: 1, bytesEach: expect.any(Number) })
})
