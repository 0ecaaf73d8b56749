/** What people pay for: the least that a page needs of each library, minified by esbuild and as gzip -9. */
import { gzipSync } from 'node:zlib'
import { bundle } from '../scripts/bundle.mjs'
import type { Report } from './report/tables.js'

/** holdfast is taken from `dist`, as people get it. */
const IMPORTS: readonly (readonly [name: string, script: string, packageName?: string])[] = [
  ['partysocket', `export { WebSocket } from 'partysocket'`, 'partysocket'],
  ['websocket-ts', `export { ArrayQueue, ExponentialBackoff, WebsocketBuilder } from 'websocket-ts'`, 'websocket-ts'],
  ['rews', `export { ReconnectingWebSocket } from '@nktkas/rews'`, '@nktkas/rews'],
  ['reconnecting-websocket', `export { default } from 'reconnecting-websocket'`, 'reconnecting-websocket'],
  ['birpc', `export { createBirpc } from 'birpc'`, 'birpc'],
  ['websocket-as-promised', `export { default } from 'websocket-as-promised'`, 'websocket-as-promised'],
  ['phoenix', `export { Socket } from 'phoenix'`, 'phoenix'],
  [
    'websocket-as-promised with reconnecting-websocket',
    `export { default } from 'websocket-as-promised'; export { default as Reconnecting } from 'reconnecting-websocket'`,
  ],
  ['holdfast', `export { connect } from 'holdfast'`],
  ['rpc-websockets', `export { Client } from 'rpc-websockets'`, 'rpc-websockets'],
  ['holdfast resumable', `export { connect } from 'holdfast'; export { resumable } from 'holdfast/resume'`],
  ['socket.io', `export { io } from 'socket.io-client'`, 'socket.io-client'],
  ['capnweb', `export { newWebSocketRpcSession } from 'capnweb'`, 'capnweb'],
]

export async function measureSize(): Promise<Report> {
  const sizes = await Promise.all(
    IMPORTS.map(async ([name, contents]) => {
      const code = Buffer.from(await bundle(contents))
      return { name, minified: code.length, gzip: gzipSync(code, { level: 9 }).length }
    }),
  )
  sizes.sort((a, b) => a.gzip - b.gzip)
  return {
    results: sizes,
    tables: [
      {
        title: 'Size',
        note: 'Bytes of the least that a page needs, minified by esbuild, and of that as gzip -9.',
        head: ['library', 'minified', 'gzip'],
        rows: sizes.map(({ name, minified, gzip }) => [name, minified, gzip].map((cell) => cell.toLocaleString('en'))),
      },
    ],
    packages: IMPORTS.flatMap(([, , packageName]) => packageName ?? []),
  }
}
