/** The command `holdfast-conformance`: arguments in, lines and an exit code out. */
import { parseArgs } from 'node:util'
import type { WebSocket } from 'ws'
import { type ExitCode, messageOf, type Terminal } from '../terminal.js'
import type { Check } from './check.js'
import { describe, summarize } from './report.js'
import { PLAIN, type Result, run, SESSION } from './run.js'
import type { Target } from './stage.js'

const USAGE = `Usage: holdfast-conformance <url> [options]

Asks a WebSocket server whether it keeps the rules of holdfast's PROTOCOL.md. The server has to run a small test app:
see "Servers in other languages" in the manual.

  <url>            of the server, such as ws://127.0.0.1:8080
  --token <text>   credentials that let in (default: the server wants none)
  --session        ask about sessions too: sections 9 to 15 of PROTOCOL.md
  --only <text>    only checks with this in their rules or title, such as P4. or cancel; may be given more than once
  --timeout <ms>   how long to wait for what must come (default 5000)
  --json           write one JSON object instead of lines
  --help           show this

Exit code: 0 if all that must be kept is kept, 1 if something is not, 2 if the suite could not be run.
`

/** What the command needs of the world. */
export interface World extends Terminal {
  /** Imports the package `ws`. */
  readonly loadWebSocket: () => Promise<{ readonly WebSocket: typeof WebSocket }>
}

/** What was asked for. */
interface Order extends Omit<Target, 'WebSocket'> {
  readonly checks: readonly Check[]
  readonly isJson: boolean
}

const OPTIONS = {
  token: { type: 'string' },
  session: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** Runs the suite as the arguments say. */
export async function command(args: readonly string[], { stdout, stderr, loadWebSocket }: World): Promise<ExitCode> {
  let order: Order | undefined
  try {
    order = readArguments(args)
  } catch (error) {
    stderr.write(`${messageOf(error)}\n\n${USAGE}`)
    return 2
  }
  if (!order) {
    stdout.write(USAGE)
    return 0
  }
  const { checks, isJson, ...place } = order
  try {
    const target = { ...place, WebSocket: await loadClass(loadWebSocket) }
    await reach(target)
    const results = await run(checks, target, (result) => isJson || stdout.write(describe(result)))
    stdout.write(isJson ? `${JSON.stringify({ url: target.url, results }, undefined, 2)}\n` : summarize(results))
    return isFine(results) ? 0 : 1
  } catch (error) {
    stderr.write(`${messageOf(error)}\n`)
    return 2
  }
}

const isFine = (results: readonly Result[]): boolean => !results.some(({ outcome }) => outcome === 'failed')

/** `undefined`: only the usage. Throws an `Error` whose message says what is wrong. */
function readArguments(args: readonly string[]): Order | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  const { token, session, only, timeout = '5000', json = false, help } = values
  if (help) return undefined
  const [url, ...more] = positionals
  if (url === undefined || more.length > 0) throw new Error('Expected one URL.')
  if (!/^wss?:\/\//.test(url) || !URL.canParse(url)) throw new Error(`Expected a URL with ws: or wss:, not ${url}`)
  const timeoutMs = Number(timeout)
  if (!Number.isInteger(timeoutMs) || timeoutMs < 100 || timeoutMs > 60_000) {
    throw new Error('--timeout: expected 100 to 60000 ms.')
  }
  const checks = (session ? [...PLAIN, ...SESSION] : PLAIN).filter(
    ({ rules, title }) => !only || only.some((part) => `${rules.join(' ')} ${title}`.includes(part)),
  )
  if (checks.length === 0) throw new Error(`--only: no check is about ${only?.join(' or ')}.`)
  return { url, token, timeoutMs, checks, isJson: json }
}

async function loadClass(load: World['loadWebSocket']): Promise<typeof WebSocket> {
  try {
    return (await load()).WebSocket
  } catch (cause) {
    throw new Error('holdfast-conformance needs the package ws: install it with "npm install --save-dev ws".', {
      cause,
    })
  }
}

/** Throws if nobody speaks WebSocket there: then no check says anything. */
async function reach({ url, timeoutMs, WebSocket }: Target): Promise<void> {
  const socket = new WebSocket(url, { handshakeTimeout: timeoutMs })
  try {
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  } catch (cause) {
    throw new Error(`No WebSocket at ${url}: ${messageOf(cause)}. Is the server running?`, { cause })
  } finally {
    socket.on('error', () => {})
    socket.terminate()
  }
}
