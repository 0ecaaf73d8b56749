/**
 * `holdfast/msgpack`: frames as MessagePack, through the package `@msgpack/msgpack`. Bytes, dates and files travel as what
 * they are. Both ends need it.
 *
 * ```ts
 * const client = connect<App>('wss://example.com/ws', { wire: msgpack() })    // the page
 * createServer<App>({ port: 8080, wire: msgpack() })                           // the server
 * await client.request('upload', await readFiles({ file: input.files[0], title: 'Cat' }))
 * ```
 */
export { readFiles } from './files.js'
export { msgpack } from './wire.js'
