/** A recipe of docs/guide/wires.md. */
import { jsonRpc } from '../../../src/addons/json-rpc/index.js'
import type { Wire } from '../../../src/index.js'

/** JSON-RPC with the events of rpc-websockets, `{ notification, params }`, as events of the channel `notifications`. */
export function rpcWebsockets(): Wire {
  const wire = jsonRpc()
  return {
    encode: wire.encode,
    decode(data) {
      if (typeof data !== 'string' || !data.startsWith('{"notification":')) return wire.decode(data)
      const { notification, params } = JSON.parse(data)
      return { channel: 'notifications', event: notification, data: params }
    },
  }
}
