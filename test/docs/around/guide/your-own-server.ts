/** A server that somebody has: each path of it speaks another language. */
import { createServer, type IncomingMessage } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

export const getToken = (): string => 's3cret'

export const tokenIn = (params: unknown): string =>
  typeof params === 'object' && params && 'token' in params ? `${params.token}` : ''

let tickets = 0
export const fetchTicket = async (): Promise<string> => `${++tickets}`

type Handler = (socket: WebSocket, text: string) => void

const PATHS: { readonly [path: string]: Handler } = {
  '/echo': (socket, text) => socket.send(text),
  '/actions'(socket, text) {
    const { action, data, ref } = JSON.parse(text)
    if (action === 'ping') socket.send('{"action":"pong"}')
    if (action === 'add') socket.send(JSON.stringify({ data: data[0] + data[1], ref }))
    if (action === 'prices/change') socket.send(JSON.stringify({ action: 'prices/changed', data }))
  },
  '/login': (socket, text) => socket.send(text.startsWith('LOGIN ') ? 'WELCOME' : 'you are ada'),
  '/ticket'() {},
}

export const hasValidToken = ({ url }: IncomingMessage): boolean => !url?.endsWith('?token=outdated')

export const server = new WebSocketServer({ noServer: true })

export function serve(port: number): { close(): void } {
  const http = createServer().listen(port, '127.0.0.1')
  http.on('upgrade', (request, stream, head) => {
    server.handleUpgrade(request, stream, head, (socket) => server.emit('connection', socket, request))
  })
  server.on('connection', (socket, request) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'ws://localhost')
    if (searchParams.has('ticket')) socket.send(`ticket ${searchParams.get('ticket')} taken`)
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.send(data)
      else PATHS[pathname]?.(socket, data.toString())
    })
  })
  return {
    close() {
      for (const socket of server.clients) socket.terminate()
      http.close()
    },
  }
}
