/** Runs what the examples of a page became as files, and says what is wrong. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { aroundOf, type Example, type Ports } from './examples.js'
import type { Told } from './play.js'

/** What examples may take until all is printed that they say they print. */
const LIMIT_MS = 30_000

/** Two ports of the loopback address on which nobody listens. */
export async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer()]
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const [usual = 0, own = 0] = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  for (const server of servers) await once(server.close(), 'close')
  return { usual, own }
}

export interface Played {
  /** All that was printed, oldest first. */
  readonly printed: readonly string[]
  /** What went wrong; of a page that is right, nothing. */
  readonly troubles: readonly string[]
  /** Whether one of its sockets has opened. */
  readonly opened: boolean
}

/**
 * What is missing of these lines, each example's in its order, and what was printed to complain. The lines of several
 * examples may mix.
 */
export const judge = (expected: readonly (readonly string[])[], printed: readonly Line[]): string[] => {
  const missing = expected.flatMap((lines) => {
    const left = [...lines]
    for (const { text } of printed) if (text === left[0]) left.shift()
    return left.map((line) => `did not print: ${line}`)
  })
  const complaints = printed
    .filter(({ text, isTrouble }) => isTrouble && !expected.some((lines) => lines.includes(text)))
    .map(({ text }) => `complained: ${text}`)
  return [...missing, ...complaints]
}

export interface Line {
  readonly text: string
  readonly isTrouble: boolean
}

/**
 * Plays files one after another in a Node process, with a server for `example.com`.
 * `during` is called when all have run, while the server still listens.
 */
export async function play(
  page: string,
  examples: readonly Example[],
  { files, ports }: { files: readonly string[]; ports: Ports },
  during?: () => Promise<void>,
): Promise<Played> {
  const expected = examples.filter(({ runner }) => runner === 'node').map(({ prints }) => prints)
  const lines: Line[] = []
  const failures: string[] = []
  let opened = false
  const child = fork('test/docs/play.ts', [`${ports.usual}`, aroundOf(page) ?? '-', ...files], {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  })
  const enough = new Promise<void>((resolve) => {
    let played = false
    const timer = setTimeout(() => {
      if (!played) failures.push(`did not come to an end in ${LIMIT_MS} ms`)
      resolve()
    }, LIMIT_MS)
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    child.on('exit', end)
    child.on('message', (told: Told) => {
      if ('printed' in told) lines.push({ text: told.printed, isTrouble: told.isTrouble })
      if ('failed' in told) failures.push(told.failed)
      opened ||= 'opened' in told
      played ||= 'played' in told
      const left = judge(expected, lines).some((trouble) => trouble.startsWith('did not print'))
      if (played && !left && (opened || !usesSockets(examples))) end()
    })
  })
  await enough
  await during?.()
  await end(child)
  const notOpened = usesSockets(examples) && !opened ? ['no socket opened'] : []
  return {
    printed: lines.map(({ text }) => text),
    troubles: [...failures, ...judge(expected, lines), ...notOpened],
    opened,
  }
}

/** Whether the examples make connections of their own by the global class. */
const usesSockets = (examples: readonly Example[]): boolean =>
  examples.some(
    ({ code, runner }) => runner === 'node' && /\bconnect(With)?\b.*\(/.test(code) && !code.includes('environment'),
  )

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.connected) return
  child.send('end')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await once(child, 'exit')
  clearTimeout(timer)
}

/** Runs a program in a folder; gives its exit code and all that it printed. */
export const run = (cwd: string, program: string, ...args: string[]) =>
  new Promise<{ status: number | null; output: string }>((resolve) => {
    // Without the variables by which a runner knows that another one started it.
    const { NODE_TEST_CONTEXT: _, VITEST: __, ...env } = process.env
    const child = spawn(process.execPath, [path.normalize(program), ...args], { cwd, env, timeout: 110_000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text
      })
    }
    child.on('close', (status) => resolve({ status, output: stripVTControlCharacters(output) }))
  })
