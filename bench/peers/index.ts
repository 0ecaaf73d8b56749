/** The files of the peers, in the order of tables. Each goes into a page of its own, so that none carries another. */
export const PEERS = [
  'bare',
  'by-hand',
  'reconnecting-websocket',
  'partysocket',
  'rews',
  'websocket-ts',
  'websocket-as-promised',
  'rpc-websockets',
  'birpc',
  'capnweb',
  'phoenix',
  'socket-io',
  'holdfast',
  'holdfast-resumable',
] as const
