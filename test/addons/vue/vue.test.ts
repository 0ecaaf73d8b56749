// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { type App, createApp, createSSRApp, h, nextTick, ref } from 'vue'
import { renderToString } from 'vue/server-renderer'
import {
  install,
  provideClient,
  useChannel,
  useClient,
  useRequest,
  useStatus,
  useStream,
} from '../../../src/addons/vue/index.js'
import { connect, InvalidOption } from '../../../src/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { createTestPair } from '../../../src/testing/index.js'

const apps: App[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const app of apps.splice(0)) app.unmount()
})

function show(app: App): App {
  const place = document.createElement('div')
  document.body.replaceChildren(place)
  app.mount(place)
  apps.push(app)
  return app
}

const text = (): string => document.body.textContent ?? ''

test('a component provides to itself and to what is inside, and closes its client when it is gone', async () => {
  const environment = fakeEnvironment()
  const Inside = { setup: () => () => useClient().status }
  const app = show(
    createApp({
      setup() {
        provideClient(() => connect('wss://server.test/', { environment, autoConnect: false }))
        const status = useStatus()
        return () => [status.value.status, h(Inside)]
      },
    }),
  )
  await environment.settle()
  environment.sockets[0]?.accept()
  await nextTick()
  expect(text()).toContain('open')
  expect(environment.sockets).toHaveLength(1)
  app.unmount()
  apps.splice(0)
  await environment.settle()
  expect(environment.sockets[0]?.readyState).toBeGreaterThan(1)
  expect(environment.timers).toBe(0)
})

test('a client that has started is refused; without one it is said what is missing', async () => {
  const environment = fakeEnvironment()
  // Vue warns of what a setup throws.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const Started = { setup: () => provideClient(() => connect('wss://server.test/', { environment })), render: () => '' }
  await expect(renderToString(createSSRApp(Started))).rejects.toThrow(InvalidOption)
  await expect(renderToString(createSSRApp({ setup: () => useClient(), render: () => '' }))).rejects.toThrow(
    'provideClient',
  )
  await environment.settle()
  expect(environment.sockets).toHaveLength(0)
})

test('a server that renders connects to nothing, though it has a WebSocket', async () => {
  const dial = vi.fn()
  vi.stubGlobal('WebSocket', dial)
  const app = createSSRApp({
    setup() {
      provideClient(() => connect('/ws', { autoConnect: false }))
      const status = useStatus()
      useRequest('double', 1)
      useChannel('chat', {}, { join: true })
      return () => status.value.status
    },
  })
  expect(await renderToString(app)).toBe('idle')
  await new Promise((resolve) => setImmediate(resolve))
  expect(dial).not.toHaveBeenCalled()
  vi.unstubAllGlobals()
})

test('what a component asks, reads and hears follows its refs, and ends with it', async () => {
  const pair = createTestPair({
    server: {
      requests: {
        double: (n) => Number(n) * 2,
        async *count(to) {
          for (let n = 1; n <= Number(to); n++) yield n
        },
      },
      channels: { chat: {}, news: {} },
    },
  })
  const n = ref(1)
  const room = ref('chat')
  const heard: unknown[] = []
  let refetch = () => {}
  const app = show(
    createApp({
      setup() {
        const request = useRequest('double', n)
        const stream = useStream('count', n, (sum: number, item) => sum + Number(item), 0)
        useChannel(room, { message: (data) => heard.push(data) }, { join: true })
        refetch = request.refetch
        return () => `${request.data.value} ${request.isPending.value} ${stream.data.value}`
      },
    }).use({ install }, pair.client),
  )
  await pair.settle()
  expect(text()).toBe('2 false 1')
  n.value = 4
  await nextTick()
  expect(text()).toBe('undefined true 0')
  await pair.settle()
  expect(text()).toBe('8 false 10')
  refetch()
  await nextTick()
  expect(text()).toBe('8 true 10')
  await pair.settle()
  for (let i = 0; i < 1000; i++) pair.server.broadcast('chat', 'message', i)
  await pair.settle()
  expect(heard).toHaveLength(1000)
  room.value = 'news'
  await nextTick()
  await pair.settle()
  expect([pair.server.members('chat').size, pair.server.members('news').size]).toEqual([0, 1])
  app.unmount()
  apps.splice(0)
  await pair.settle()
  expect(pair.server.members('news').size).toBe(0)
  await pair.close()
})
