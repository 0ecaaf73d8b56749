/**
 * `holdfast/json-rpc`: for a server that speaks JSON-RPC 2.0 (https://www.jsonrpc.org/specification).
 *
 * ```ts
 * const client = connect<App>('wss://example.com/rpc', { wire: jsonRpc() })
 * client.channel('notifications').on('feedUpdated', (params) => …)
 * const [sum, user] = await batch(client, [{ method: 'sum', params: [1, 2] }, { method: 'user', params: { id: 7 } }])
 * ```
 */
export { type BatchCall, type BatchResults, batch, type Settled } from './batch.js'
export { jsonRpc } from './wire.js'
