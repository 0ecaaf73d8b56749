export interface App {
  requests: {
    sum: { params: [number, number]; result: number }
    'rpc.on': { params: string[]; result: unknown }
  }
  channels: { notifications: { news: [text: string]; publish: [text: string] } }
}
