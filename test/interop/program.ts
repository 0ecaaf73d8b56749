/** Starts programs of others, and ends them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { vi } from 'vitest'

const START_LIMIT_MS = 20_000

export interface Program {
  readonly port: number
  /** The last of what it has written. */
  output(): string
  /** Stops its clock: it keeps its connections, hears nothing and says nothing. */
  freeze(): void
  thaw(): void
  /** Ends it as a crash does; resolves when it is gone. */
  kill(): Promise<void>
}

/** Resolves when the program listens: on `port`, or else on the port that it prints as its first line. */
export async function startProgram(file: string, args: readonly string[], port?: number): Promise<Program> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (text: unknown): void => {
    output = (output + text).slice(-10_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', keep)
  let running = true
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      running = false
      resolve()
    })
  })
  const kill = () => {
    child.kill('SIGKILL')
    return ended
  }
  const listening = async () => {
    if (!running) throw new Error('it has ended')
    return port ? (await accepts(port)) && port : Number(/^(\d+)\s/.exec(output)?.[1])
  }
  try {
    return {
      port: await vi.waitUntil(listening, { timeout: START_LIMIT_MS, interval: 50 }),
      output: () => output,
      freeze: () => child.kill('SIGSTOP'),
      thaw: () => child.kill('SIGCONT'),
      kill,
    }
  } catch (cause) {
    await kill()
    throw new Error(`${file} ${args.join(' ')} does not listen. It said:\n${output}`, { cause })
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('a server on a port has an address')
  return address.port
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

/**
 * Whether to skip the tests against a program that this machine lacks. In CI nothing is skipped: there it throws.
 */
export function isMissing(name: string, found: unknown, packages: string): boolean {
  if (found) return false
  const reason = `${name} is not on this machine: install ${packages}.`
  if (process.env['CI']) throw new Error(reason)
  console.warn(`Skipped: ${reason}`)
  return true
}
