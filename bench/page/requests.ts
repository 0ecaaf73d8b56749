/** Requests, each with the right answer. */
import { type Absent, absent, type Context, opened } from './context.js'
import type { Rate } from './throughput.js'

const WARM_UP = 1_000

export interface Latency {
  /** In ms. */
  readonly p50: number
  readonly p99: number
}

/** One after the other. */
export async function serial(context: Context, { messages }: { messages: number }): Promise<Latency | Absent> {
  const link = await opened(context)
  const request = link.request?.bind(link)
  if (!request) return absent(link)
  const times: number[] = []
  for (let n = -WARM_UP; n < messages; n++) {
    const start = performance.now()
    const answer = await request(n)
    if (n >= 0) times.push(performance.now() - start)
    if (answer !== n + 1) throw new Error(`asked for ${n + 1}, got ${answer}`)
  }
  link.close()
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

/** Always so many at once. */
export async function inFlight(
  context: Context,
  { messages, atOnce }: { messages: number; atOnce: number },
): Promise<Rate | Absent> {
  const link = await opened(context)
  const request = link.request?.bind(link)
  if (!request) return absent(link)
  const run = async (amount: number): Promise<void> => {
    let next = 0
    const ask = async (): Promise<void> => {
      while (next < amount) {
        const n = next++
        const answer = await request(n)
        if (answer !== n + 1) throw new Error(`asked for ${n + 1}, got ${answer}`)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, ask))
  }
  await run(WARM_UP)
  await context.mark('begin')
  const start = performance.now()
  await run(messages)
  const ms = performance.now() - start
  await context.mark('end')
  link.close()
  return { perSecond: (messages / ms) * 1000, messages }
}
