import { randomUUID } from 'node:crypto'
import { afterEach, expect } from 'vitest'
import { WebSocket } from 'ws'
import type { App, TroubleName } from '../../demo/app.js'
import { type Demo, type DemoOptions, startDemo } from '../../demo/server/start.js'
import { resumable } from '../../src/addons/resume/index.js'
import { type Client, connect } from '../../src/index.js'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** The demo without a key for a model, on a port of its own, until the test ends. */
export async function start(options: Partial<DemoOptions> = {}): Promise<Demo> {
  const demo = await startDemo({ port: 0, environment: {}, ...options })
  toClose.push(() => demo.close())
  return demo
}

/** A page of a person: connected, and in the chat unless told otherwise. */
export async function visit(
  demo: Demo,
  name: string,
  { id = randomUUID(), joins = true }: { id?: string; joins?: boolean } = {},
): Promise<Client<App>> {
  let token: string | undefined
  const client = connect<App>(new URL('/ws', demo.url), {
    environment: { WebSocket },
    session: resumable(),
    backoff: { firstWindowMs: 50, initialMs: 50 },
    auth: async (lastClose) => {
      if (token === undefined || lastClose?.code === 4401) {
        token = await (await fetch(new URL(`/token?${new URLSearchParams({ person: id, name })}`, demo.url))).text()
      }
      return token
    },
  })
  toClose.push(() => client.close())
  if (joins) await client.channel('chat').join()
  else await client.opened()
  return client
}

export async function makeTrouble(demo: Demo, name: TroubleName, on = true): Promise<void> {
  const response = await fetch(new URL(`/trouble/${name}?on=${on}`, demo.url), { method: 'POST' })
  expect(response.status).toBe(200)
}

export const say = (client: Client<App>, id: string, text: string): Promise<void> =>
  client.channel('chat').deliver('say', { id, text })

/** What has come on the chat of a client, from now on. */
export function listen<E extends 'server' | 'state' | 'message' | 'refused' | 'people' | 'typing'>(
  client: Client<App>,
  event: E,
): App['channels']['chat'][E][] {
  const heard: App['channels']['chat'][E][] = []
  client.channel('chat').on<E>(event, (data) => heard.push(data))
  return heard
}

export const until = (what: () => unknown, value: unknown, timeout = 5_000) =>
  expect.poll(what, { timeout, interval: 10 }).toEqual(value)
