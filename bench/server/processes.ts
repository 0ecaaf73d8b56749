import { fork } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Callee } from './rpc.js'

/** Where packages are found from, as by any app; and where nobody looks for sources. */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/holdfast-bench-server', import.meta.url))

/** Bundles both programs as an app is bundled: not even the names of functions are kept by code that would cost time. */
export async function bundle(): Promise<void> {
  const source = (name: string): string => fileURLToPath(new URL(`${name}/main.ts`, import.meta.url))
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  await build({
    entryPoints: { server: source('servers'), load: source('load') },
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  })
}

const start = (program: string, name: string, ...args: string[]): Callee => {
  const file = path.join(FOLDER, `${program}.mjs`)
  const child = fork(file, args, { execArgv: ['--expose-gc'], env: { ...process.env, NODE_ENV: 'production' } })
  return new Callee(child, name)
}

/** A server of one library, and the clients that speak with it. */
export interface Pair {
  readonly library: string
  readonly server: Callee
  readonly load: Callee
  end(): Promise<void>
}

/** The clients of one library, for a server at this port of loopback. */
export const startLoad = (library: string, port: number): Callee =>
  start('load', `load of ${library}`, library, String(port))

export async function startPair(library: string): Promise<Pair> {
  const server = start('server', `server of ${library}`, library)
  const { port = 0 } = await server.call('port')
  const load = startLoad(library, port)
  return {
    library,
    server,
    load,
    async end() {
      await Promise.all([server.end(), load.end()])
    },
  }
}
