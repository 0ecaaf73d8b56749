/** The site as `npm run docs` builds it, and a server for it. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

/** Runs a tool of the project; rejects with what it printed if it fails. */
const tool = (file: string, ...args: string[]) => {
  // A build for production, whatever runs it.
  const { NODE_ENV: _, VITEST: __, ...env } = process.env
  return execute(process.execPath, [file, ...args], { env, timeout: 400_000, maxBuffer: 2 ** 26 })
}

export const writeReference = () => tool('node_modules/typedoc/bin/typedoc')

/** Builds the site for a base into a folder. */
export const buildSite = (base: string, folder: string) =>
  tool('node_modules/vitepress/bin/vitepress.js', 'build', 'docs', '--base', base, '--outDir', folder)

/** The files in a folder, with forward slashes. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'))

/** Serves a folder below a base, and nothing else. */
export async function serve(folder: string, base: string): Promise<{ server: Server; origin: string }> {
  const files = new Set(filesIn(folder))
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const asked = decodeURI(pathname).slice(base.length)
    const file = asked === '' || asked.endsWith('/') ? `${asked}index.html` : asked
    const type = TYPES[path.extname(file)]
    if (!pathname.startsWith(base) || !files.has(file) || !type) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': type }).end(readFileSync(path.join(folder, file)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The server listens on no port.')
  return { server, origin: `http://127.0.0.1:${address.port}` }
}
