/**
 * Plays the examples of a page, in a process of their own: `play.ts <port> <around or -> <files>`.
 * Tells the parent what it printed and what went wrong, and stays until it is told to end.
 */
import { format } from 'node:util'
import { WebSocket } from 'ws'
import { serveExamples } from './around/server.js'

/** What the parent hears. */
export type Told = { printed: string; isTrouble: boolean } | { failed: string } | { opened: true } | { played: true }

/** What a page may have around it, beside the names that its examples use. */
interface Around {
  /** The server that its examples meet, in place of the usual one. */
  readonly serve?: (port: number) => { close(): unknown }
  /** Throws, or rejects, if the examples have not done what the page says. */
  readonly check?: () => unknown
}

const tell = (told: Told): void => void process.send?.(told)
const fail = (error: unknown): void =>
  tell({ failed: error instanceof Error ? (error.stack ?? error.message) : `${error}` })

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
  const isTrouble = level === 'warn' || level === 'error'
  console[level] = (...values: unknown[]) => tell({ printed: format(...values), isTrouble })
}

const [port = '', around = '', ...files] = process.argv.slice(2)

/** As in a page of that server: a WebSocket that brings its cookies, and an address to which others are relative. */
Object.assign(globalThis, {
  WebSocket: class extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, { headers: { cookie: document.cookie } })
      this.once('open', () => tell({ opened: true }))
    }
  },
  document: { baseURI: `http://127.0.0.1:${port}/`, cookie: '' },
})

const { serve = serveExamples, check }: Around = around === '-' ? {} : await import(around)
const server = serve(Number(port))
process.on('message', async () => {
  await server.close()
  process.exit()
})

try {
  for (const file of files) await import(file)
  await check?.()
} catch (error) {
  fail(error)
}
tell({ played: true })
