/**
 * The driver's half of the pages: serves each library's page, hands out tasks and takes in what came of them, all over
 * HTTP. So no debugger has to look into the page, which would slow its sockets to a half or a third.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { About, Outcome, Task } from '../page/main.js'

const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

/** With these a page may read a clock of 5 microseconds instead of 100 (HTML, cross-origin isolation). */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/** A page from the driver's side. */
export interface PageSlot {
  /** Where the page of a library is. */
  address(peer: string): string
  /** Gives the page a task as soon as it asks for one, and waits for what came of it. */
  run(taskFor: (about: About) => Task, limitMs: number, onMark: (name: string) => void): Promise<unknown>
  close(): void
}

export interface Site {
  newSlot(): PageSlot
  close(): void
}

interface Slot {
  /** What the page is to do. */
  waiting?: {
    taskFor(about: About): Task
    onMark(name: string): void
    onOutcome(outcome: Outcome): void
  }
  /** The page has asked, and waits for an answer. */
  asked?: { about: About; response: ServerResponse }
}

/** `peers`: files of `bench/peers`, without their extension. */
export async function startSite(peers: readonly string[]): Promise<Site> {
  const scripts = new Map(await Promise.all(peers.map(async (peer) => [peer, await bundle(peer)] as const)))
  const slots = new Map<string, Slot>()

  const handOut = (slot: Slot): void => {
    const { waiting, asked } = slot
    if (!waiting || !asked) return
    asked.response.end(JSON.stringify(waiting.taskFor(asked.about)))
    delete slot.asked
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const script = scripts.get(pathname.slice(1))
    if (script !== undefined) {
      response.writeHead(200, HEADERS).end(`<title>${pathname}</title><script>${script}</script>`)
      return
    }
    const slot = slots.get(searchParams.get('page') ?? '')
    if (!slot) response.writeHead(404).end()
    else
      void bodyOf(request).then((body) => {
        if (pathname === '/task') {
          slot.asked = { about: body, response }
          return handOut(slot)
        }
        if (pathname === '/mark') slot.waiting?.onMark(body)
        else slot.waiting?.onOutcome(body)
        response.end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The site has no port.')
  const origin = `http://127.0.0.1:${address.port}`

  return {
    newSlot() {
      const id = `${slots.size + 1}`
      const slot: Slot = {}
      slots.set(id, slot)
      return {
        address: (peer) => `${origin}/${peer}?page=${id}`,
        async run(taskFor, limitMs, onMark) {
          let timer: NodeJS.Timeout | undefined
          const outcome = await new Promise<Outcome>((resolve) => {
            timer = setTimeout(() => resolve({ error: `no answer of the page in ${limitMs} ms` }), limitMs)
            slot.waiting = { taskFor, onMark, onOutcome: resolve }
            handOut(slot)
          })
          clearTimeout(timer)
          delete slot.waiting
          if ('error' in outcome) throw new Error(outcome.error)
          return outcome.result
        },
        close() {
          slot.asked?.response.destroy()
          slots.set(id, {})
        },
      }
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A script with one library and the tasks, and no other library. */
async function bundle(peer: string): Promise<string> {
  // The page first: it watches sockets, and a library may take the class of sockets when it loads.
  const contents = `import { run } from '${folder('page/main.ts')}'
import peer from '${folder(`peers/${peer}.ts`)}'
void run(peer)`
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder('.'), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
  })
  // A text of the library must not end the script element.
  return outputFiles.map(({ text }) => text.replaceAll('</script', '<\\/script')).join('')
}

// biome-ignore lint/suspicious/noExplicitAny: what a page of ours posts; its types are those of `main.ts`.
async function bodyOf(request: IncomingMessage): Promise<any> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}
