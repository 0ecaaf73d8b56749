import { readFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { RemoteError } from '../../src/server/index.js'
import type { Trouble } from './trouble.js'
import type { Visitors } from './visitors.js'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
}

/** Only what this server serves may run on the page: words of people cannot, whatever they contain. */
const PAGE_POLICY = "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; base-uri 'none'"

/** Everything but the WebSocket: the page, the built library, tokens, and the switches for trouble. */
export function createSite(trouble: Trouble, visitors: Visitors): RequestListener {
  let page: Promise<Map<string, string>> | undefined

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://demo')
    if (pathname === '/token')
      return send(response, 200, visitors.issue(searchParams.get('person'), searchParams.get('name')))
    if (pathname === '/trouble') return sendJson(response, trouble.list())
    if (pathname.startsWith('/trouble/'))
      return makeTrouble(request, response, searchParams.get('on') !== 'false', pathname)
    if (pathname === '/favicon.ico') return send(response, 204, '')
    if (pathname === '/script-tag.html') return sendFile(response, 'demo/script-tag.html')
    const built = /^\/dist\/([\w.-]+)$/.exec(pathname)?.[1]
    if (built) return sendFile(response, `dist/${built}`)

    page ??= bundlePage()
    const content = (await page).get(pathname)
    if (content === undefined) return send(response, 404, 'There is nothing here.')
    response.setHeader('content-security-policy', PAGE_POLICY)
    send(response, 200, content, TYPES[extname(pathname)] ?? TYPES['.html'])
  }

  const makeTrouble = (request: IncomingMessage, response: ServerResponse, on: boolean, pathname: string): void => {
    if (request.method !== 'POST') return send(response, 405, 'Trouble is made with POST.')
    if (!isFromOwnPage(request)) return send(response, 403, 'Trouble is made by this page alone.')
    if (!trouble.act(pathname.slice('/trouble/'.length), on)) return send(response, 404, 'There is no such trouble.')
    sendJson(response, trouble.list())
  }

  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      page = undefined
      send(response, error instanceof RemoteError ? 400 : 500, error instanceof Error ? error.message : String(error))
    })
  }
}

/** The page by path: its TypeScript bundled with the library as it was built, which is how an app uses it. */
async function bundlePage(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { main: `${PROJECT}demo/page/main.ts`, style: `${PROJECT}demo/page/style.css` },
    bundle: true,
    write: false,
    outdir: '/',
    format: 'esm',
    target: 'es2022',
    sourcemap: true,
    alias: {
      'holdfast/inspector': `${PROJECT}dist/inspector.js`,
      'holdfast/resume': `${PROJECT}dist/resume.js`,
      holdfast: `${PROJECT}dist/index.js`,
    },
    logLevel: 'silent',
  })
  const html = await readFile(`${PROJECT}demo/page/index.html`, 'utf8')
  const page = new Map([['/', html]])
  for (const file of outputFiles) page.set(`/${file.path.split(/[\\/]/).at(-1)}`, file.text)
  return page
}

/** A page elsewhere must not steer this server: browsers name the origin with every POST. */
function isFromOwnPage({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  const content = await readFile(PROJECT + path, 'utf8').catch(() => undefined)
  if (content === undefined) send(response, 404, `${path} is not there: run npm start, which builds it.`)
  else send(response, 200, content, TYPES[extname(path)])
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, JSON.stringify(value), 'application/json')
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}
