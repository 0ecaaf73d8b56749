/** Starts the servers in a process of their own. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Serving } from '../hosts/main.js'

const START_LIMIT_MS = 20_000

export interface Servers {
  url(host: string): string
  /** Address of the socket on which a page says what it wants of that server. */
  controlUrl(host: string): string
  port(host: string): number
  close(): void
}

export async function startServers(): Promise<Servers> {
  const child = fork(fileURLToPath(new URL('../hosts/main.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const serving = await new Promise<Serving>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The servers did not start in ${START_LIMIT_MS} ms.`)),
      START_LIMIT_MS,
    )
    child.once('message', (message: Serving) => {
      clearTimeout(timer)
      resolve(message)
    })
    child.once('exit', (code) => reject(new Error(`The process of the servers ended with ${code}.`)))
  })
  child.once('exit', (code) => {
    // Without servers every figure would be wrong.
    if (code) throw new Error(`The process of the servers ended with ${code}.`)
  })
  const port = (host: string): number => {
    const found = serving.ports[host]
    if (found === undefined) throw new Error(`There is no server called ${host}.`)
    return found
  }
  return {
    port,
    url: (host) => `ws://127.0.0.1:${port(host)}`,
    controlUrl: (host) => `ws://127.0.0.1:${serving.control}/${host}`,
    close() {
      child.removeAllListeners('exit')
      child.disconnect()
    },
  }
}
