import type { Explanation, Status } from 'holdfast'
import { byId, clock, create } from './dom.js'
import { words } from './words/index.js'

/** Entries in the list. */
const MAX_ENTRIES = 60

interface Entry {
  status: Status
  at: number
  item: HTMLLIElement
  /** Where the list says how long it lasted, and why. */
  lasted: HTMLElement
  reason: HTMLElement
}

/** The states of the connection: as a strip of the last `spanMs`, and as a list, newest first. */
export function createTimeline(spanMs: number): { note(now: Explanation): void; draw(): void } {
  const list = byId('timeline', HTMLOListElement)
  const strip = byId('strip', HTMLDivElement)
  const entries: Entry[] = []

  const draw = (): void => {
    const now = Date.now()
    const start = now - spanMs
    const parts = entries.map((entry, index) => {
      const end = entries[index + 1]?.at ?? now
      entry.lasted.textContent = `${((end - entry.at) / 1000).toFixed(1)} s`
      return { status: entry.status, ms: end - Math.max(entry.at, start) }
    })
    const before = { status: 'idle' as const, ms: (entries[0]?.at ?? now) - start }
    strip.replaceChildren(
      ...[before, ...parts]
        .filter(({ ms }) => ms > 0)
        .map(({ status, ms }) => {
          const part = create('span')
          part.dataset['status'] = status
          part.style.flexGrow = String(ms)
          return part
        }),
    )
  }

  return {
    draw,
    note(now) {
      const { status } = now
      const why = words.why(now)
      const current = entries.at(-1)
      if (status === current?.status) {
        current.reason.textContent = why
        return
      }
      const at = Date.now()
      const pill = create('span', { className: 'pill' }, words.status[status])
      pill.dataset['status'] = status
      const lasted = create('span', { className: 'lasted' })
      const reason = create('span', { className: 'reason' }, why)
      const time = create('time', { dateTime: new Date(at).toISOString() }, clock(at))
      const item = create('li', {}, time, pill, lasted, reason)
      list.prepend(item)
      entries.push({ status, at, item, lasted, reason })
      if (entries.length > MAX_ENTRIES) entries.shift()?.item.remove()
      draw()
    },
  }
}
