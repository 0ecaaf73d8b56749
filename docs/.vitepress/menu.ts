import path from 'node:path'
import manifest from '../../package.json' with { type: 'json' }

/** A page of the manual: its text in the menu, and its file in the repository. */
export type Entry = readonly [text: string, file: string]

export interface Group {
  readonly text: string
  readonly entries: readonly Entry[]
}

/** What TypeDoc makes of each subpath when the site is built. */
const reference: readonly Entry[] = Object.keys(manifest.exports)
  .filter((subpath) => !subpath.endsWith('.json'))
  .map((subpath) => path.posix.join('holdfast', subpath))
  .map((name) => [name, `docs/reference/${name}.md`])

/** All pages, in the order in which they may be read. */
export const menu: readonly Group[] = [
  { text: 'Start', entries: [['Start here', 'docs/start.md']] },
  {
    text: 'Concepts',
    entries: [
      ['States of a connection', 'docs/concepts/states.md'],
      ['Life of a message', 'docs/concepts/messages.md'],
      ['How a session resumes', 'docs/concepts/resume.md'],
    ],
  },
  {
    text: 'Guides',
    entries: [
      ['One contract for both ends', 'docs/guide/contract.md'],
      ['The drop-in class', 'docs/guide/drop-in.md'],
      ['React', 'docs/guide/react.md'],
      ['Vue', 'docs/guide/vue.md'],
      ['Svelte', 'docs/guide/svelte.md'],
      ['Solid, Angular, custom elements', 'docs/guide/recipes.md'],
      ['Other wires', 'docs/guide/wires.md'],
      ['The inspector', 'docs/guide/inspector.md'],
      ['Servers in other languages', 'docs/guide/other-servers.md'],
      ['Authentication', 'docs/guide/authentication.md'],
      ['A server you already have', 'docs/guide/your-own-server.md'],
      ['Offline first', 'docs/guide/offline-first.md'],
      ['Testing your app', 'docs/guide/testing.md'],
      ['What is in holdfast/testing', 'docs/testing.md'],
      ['A script tag, and CSP', 'docs/guide/script-tag.md'],
      ['Behind nginx and HAProxy', 'docs/guide/proxies.md'],
      ['wss', 'docs/guide/wss.md'],
    ],
  },
  {
    text: 'Migrating from',
    entries: [
      ['reconnecting-websocket', 'docs/migrating/reconnecting-websocket.md'],
      ['partysocket', 'docs/migrating/partysocket.md'],
      ['socket.io-client', 'docs/migrating/socket.io-client.md'],
      ['websocket-as-promised', 'docs/migrating/websocket-as-promised.md'],
      ['rpc-websockets', 'docs/migrating/rpc-websockets.md'],
    ],
  },
  {
    text: 'Look up',
    entries: [
      ['Errors and their fix', 'docs/errors.md'],
      ['The protocol', 'PROTOCOL.md'],
    ],
  },
  {
    text: 'Reference',
    entries: reference,
  },
  {
    text: 'Measured',
    entries: [
      ['Performance', 'docs/performance.md'],
      ['Benchmark', 'docs/benchmark.md'],
      ['Chaos', 'docs/chaos.md'],
      ['A million clients', 'docs/scale.md'],
    ],
  },
  {
    text: 'Inside',
    entries: [
      ['Architecture', 'docs/architecture.md'],
      ['Contributing', 'CONTRIBUTING.md'],
      ['Changelog', 'CHANGELOG.md'],
    ],
  },
]
