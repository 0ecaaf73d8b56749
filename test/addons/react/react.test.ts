// @vitest-environment jsdom
import { act, createElement, type ReactNode, StrictMode, useState } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'
import {
  ClientProvider,
  useChannel,
  useClient,
  useRequest,
  useStatus,
  useStream,
} from '../../../src/addons/react/index.js'
import { type Client, connect, InvalidOption, RemoteError } from '../../../src/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { createTestPair } from '../../../src/testing/index.js'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const roots: Root[] = []
afterEach(async () => {
  for (const root of roots.splice(0)) await act(async () => root.unmount())
})

async function show(node: ReactNode): Promise<Root> {
  const place = document.createElement('div')
  document.body.replaceChildren(place)
  const root = createRoot(place)
  roots.push(root)
  await act(async () => root.render(node))
  return root
}

const text = (): string => document.body.textContent ?? ''
const Status = () => useStatus().status

/** An app with one component on a client in memory, and a server that answers. */
async function start(component: () => ReactNode) {
  const aborted: string[] = []
  let refuse = false
  const pair = createTestPair({
    client: { autoConnect: false },
    server: {
      requests: {
        double: (n) => Number(n) * 2,
        fail: () => Promise.reject(new RemoteError({ code: 'NO', message: 'no' })),
        wait: (_params, { signal }) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve(aborted.push('wait')))),
        async *count(to) {
          for (let n = 1; n <= Number(to); n++) yield n
        },
      },
      channels: {
        chat: {
          join: () => {
            if (refuse) throw new RemoteError({ code: 'FULL', message: 'full' })
            return 'welcome'
          },
        },
        news: {},
      },
    },
  })
  const settle = () => act(() => pair.settle())
  const root = await show(
    createElement(StrictMode, null, createElement(ClientProvider, { client: pair.client }, createElement(component))),
  )
  pair.client.reconnect()
  await settle()
  return { pair, root, settle, aborted, refuse: () => (refuse = true) }
}

test('a function makes one socket, also under StrictMode, and it is closed on unmount', async () => {
  const environment = fakeEnvironment()
  const make = () => connect('wss://server.test/', { environment, autoConnect: false })
  const root = await show(
    createElement(StrictMode, null, createElement(ClientProvider, { client: make }, createElement(Status))),
  )
  await act(() => environment.settle())
  expect(environment.sockets).toHaveLength(1)
  await act(async () => environment.sockets[0]?.accept())
  expect(text()).toBe('open')
  await act(async () => root.unmount())
  await environment.settle()
  expect(environment.sockets[0]?.readyState).toBeGreaterThan(1)
  expect(environment.timers).toBe(0)
})

test('a client that has started is refused, and opens no socket', async () => {
  const environment = fakeEnvironment()
  const make = () => connect('wss://server.test/', { environment })
  expect(() => renderToString(createElement(ClientProvider, { client: make }))).toThrow(InvalidOption)
  await environment.settle()
  expect(environment.sockets).toHaveLength(0)
})

test('without a provider a hook says what is missing', () => {
  expect(() => renderToString(createElement(Status))).toThrow('ClientProvider')
})

test('a server that renders connects to nothing, though it has a WebSocket', async () => {
  const dial = vi.fn()
  vi.stubGlobal('WebSocket', dial)
  const App = () => {
    useRequest('double', 1)
    useStream('count', 3, (sum: number, n) => sum + Number(n), 0)
    useChannel('chat', {}, { join: true })
    return createElement(Status)
  }
  const make = () => connect('/ws', { autoConnect: false })
  expect(renderToString(createElement(ClientProvider, { client: make }, createElement(App)))).toBe('idle')
  await new Promise((resolve) => setImmediate(resolve))
  expect(dial).not.toHaveBeenCalled()
  vi.unstubAllGlobals()
})

test('a request follows its params, keeps what it knows while asking anew, and has its error as data', async () => {
  let setN: (n: number) => void = () => {}
  let refetch = () => {}
  const { settle, pair } = await start(() => {
    const [n, set] = useState(1)
    const request = useRequest('double', n)
    const failed = useRequest('fail')
    setN = set
    refetch = request.refetch
    return `${request.data} ${request.isPending} ${failed.error?.message}`
  })
  expect(text()).toBe('2 false no')
  await act(async () => setN(5))
  expect(text()).toBe('undefined true no')
  await settle()
  expect(text()).toBe('10 false no')
  await act(async () => refetch())
  expect(text()).toBe('10 true no')
  await settle()
  expect(text()).toBe('10 false no')
  expect(pair.client.stats.openRequests).toBe(0)
})

test('a stream gives each item to the reducer; what is under way is aborted on unmount', async () => {
  const { root, settle, aborted, pair } = await start(() => {
    const stream = useStream('count', 4, (all: unknown[], n) => [...all, n], [])
    useRequest('wait')
    return `${stream.data.join()} ${stream.isPending}`
  })
  expect(text()).toBe('1,2,3,4 false')
  await act(async () => root.unmount())
  await settle()
  expect(aborted.length).toBeGreaterThan(0)
  expect(pair.client.stats.openRequests).toBe(0)
})

test('a listener hears each event with the latest props; the channel is joined, followed and left', async () => {
  const heard: string[] = []
  let set: (to: { name: string; tag: string }) => void = () => {}
  const { root, settle, pair } = await start(() => {
    const [{ name, tag }, setState] = useState({ name: 'chat', tag: 'a' })
    set = setState
    const { data, isPending } = useChannel(name, { message: (data) => heard.push(`${tag} ${data}`) }, { join: true })
    return `${data} ${isPending}`
  })
  expect(text()).toBe('welcome false')
  for (let i = 0; i < 1000; i++) pair.server.broadcast('chat', 'message', i)
  await act(async () => set({ name: 'chat', tag: 'b' }))
  await settle()
  expect(heard).toHaveLength(1000)
  expect(heard.at(-1)).toBe('b 999')
  await act(async () => set({ name: 'news', tag: 'c' }))
  await settle()
  expect([pair.server.members('chat').size, pair.server.members('news').size]).toEqual([0, 1])
  await act(async () => root.unmount())
  await settle()
  expect(pair.server.members('news').size).toBe(0)
})

test('of two components in a channel the last one leaves; a refusal is data', async () => {
  let hide = () => {}
  const One = () => useChannel('chat', {}, { join: true }).error?.message
  const app = await start(() => {
    const [shown, setShown] = useState(true)
    hide = () => setShown(false)
    return [createElement(One, { key: 1 }), shown && createElement(One, { key: 2 })]
  })
  await act(async () => hide())
  await app.settle()
  expect(app.pair.server.members('chat').size).toBe(1)
  await act(async () => app.root.unmount())
  await app.settle()
  app.refuse()
  const client: Client = app.pair.client
  await show(createElement(ClientProvider, { client }, createElement(One)))
  await app.settle()
  expect(text()).toBe('full')
})

test('useClient gives the client', async () => {
  let seen: Client | undefined
  const { pair } = await start(() => {
    seen = useClient()
    return null
  })
  expect(seen).toBe(pair.client)
})
