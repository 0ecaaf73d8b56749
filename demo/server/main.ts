/** Starts the demo: `npm start`, or `npm start -- --port 9000 --tls`. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Demo, type DemoOptions, startDemo } from './start.js'
import { type Certificate, createCertificate } from './tls.js'

const HELP = `Options:
  --port <number>   Port to listen on; the next free one if it is taken. Default 8080.
  --host <address>  Address to listen on. Default localhost; 0.0.0.0 for everybody in your network.
  --tls             https and wss, with a certificate made on the spot.
  --cert, --key     https and wss, with your own certificate and key (PEM files).

Environment:
  DEEPSEEK_API_KEY, DEEPSEEK_BASE_URL, DEEPSEEK_MODEL   Let DeepSeek answer in "Ask".`

/** Ports tried when the first is taken. */
const TRIES = 20

const readArgs = () =>
  parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: 'localhost' },
      tls: { type: 'boolean', default: false },
      cert: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values

async function certificateFor(args: { tls: boolean; cert?: string; key?: string }): Promise<Certificate | undefined> {
  if (args.cert && args.key) return { cert: await readFile(args.cert, 'utf8'), key: await readFile(args.key, 'utf8') }
  if (args.cert || args.key) throw new Error('--cert and --key go together.')
  return args.tls ? createCertificate() : undefined
}

async function startOnFreePort(options: DemoOptions): Promise<Demo> {
  for (let port = options.port; ; port++) {
    try {
      return await startDemo({ ...options, port })
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isTaken || port === options.port + TRIES) throw error
    }
  }
}

async function main(): Promise<void> {
  const args = readArgs()
  if (args.help) return console.log(HELP)
  const port = Number(args.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port: expected a number up to 65535.')
  const certificate = await certificateFor(args)
  const demo = await startOnFreePort({ port, host: args.host, ...(certificate && { certificate }) })
  console.log(`The demo is at ${demo.url}`)
  console.log('Open it in two tabs. End it with Ctrl+C.')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void demo.close().then(() => process.exit(0)))
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
