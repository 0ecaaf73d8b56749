/** A recipe of docs/guide/wires.md. */
import { jsonRpc } from '../../../src/addons/json-rpc/index.js'
import type { Wire } from '../../../src/index.js'

/** JSON-RPC with the `$/cancelRequest` of language servers and vscode-jsonrpc, both ways. `send`: `client.send`. */
export function cancellable(send: (text: string) => void): Wire {
  const wire = jsonRpc()
  /** What the server has asked: its ids, and those of the frames. */
  const open = new Map<unknown, string | number>()
  const code = -32800

  return {
    encode(frame) {
      if ('cancel' in frame) {
        const event = '$/cancelRequest'
        return wire.encode({ channel: 'notifications', event, data: { id: frame.id } })
      }
      if ('result' in frame || 'error' in frame) {
        for (const [id, ours] of open) if (ours === frame.id) open.delete(id)
      }
      return wire.encode(frame)
    },
    decode(data) {
      const frame = Object(wire.decode(data))
      if (frame.method !== undefined) open.set(JSON.parse(`${data}`).id, frame.id)
      const theirs = frame.event === '$/cancelRequest' ? frame.data?.id : undefined
      const id = open.get(theirs)
      if (id === undefined) return frame
      open.delete(theirs)
      // In this protocol a request that is cancelled has an answer all the same.
      send(`${wire.encode({ id, error: { code, message: 'Cancelled' } })}`)
      return { id, cancel: true }
    },
  }
}
