/** The servers in examples/servers: what to start each with, and what it speaks. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findDebianPython, findGo, findPhp } from '../../scripts/machine.mjs'
import { isMissing, type Program, startProgram } from './program.js'

/** How a server is started; 0 for any port. */
export interface Terms {
  readonly port: number
  readonly pingMs: number
  /** How long a session waits for its page. */
  readonly ttlMs: number
}

export interface Example {
  readonly name: string
  readonly hasSessions: boolean
  /** This machine cannot run it. */
  readonly skip: boolean
  /** Does what takes time, once. */
  prepare(): void
  start(terms: Terms): Promise<Program>
  /** Takes back what `prepare` did. */
  clean(): void
}

const fileOf = (name: string): string => path.join(import.meta.dirname, '../../examples/servers', name)

const nothing = (): void => {}

const foundPython = findDebianPython()
const foundGo = findGo()
const foundPhp = findPhp()

const python: Example = {
  name: 'Python with websockets',
  hasSessions: true,
  skip: isMissing('Python with websockets', foundPython, 'python3-websockets'),
  prepare: nothing,
  clean: nothing,
  start({ port, pingMs, ttlMs }) {
    const args = ['--port', `${port}`, '--ping-ms', `${pingMs}`, '--ttl-ms', `${ttlMs}`]
    return startProgram(foundPython ?? '', [fileOf('python/server.py'), ...args])
  },
}

const php: Example = {
  name: 'PHP',
  hasSessions: false,
  skip: isMissing('PHP', foundPhp, 'php-cli'),
  prepare: nothing,
  clean: nothing,
  start: ({ port, pingMs }) =>
    startProgram(foundPhp ?? '', [fileOf('php/server.php'), `--port=${port}`, `--ping-ms=${pingMs}`]),
}

function createGo(): Example {
  let folder = ''
  const program = (): string => path.join(folder, 'server')
  return {
    name: 'Go with gorilla/websocket',
    hasSessions: true,
    skip: isMissing('gorilla/websocket', foundGo, 'golang-go and golang-github-gorilla-websocket-dev'),
    prepare() {
      if (!foundGo) return
      folder = mkdtempSync(path.join(tmpdir(), 'holdfast-go-'))
      // Debian's sources, nothing from the network, and no C compiler.
      const env = { ...process.env, GO111MODULE: 'off', GOPATH: foundGo.gopath, GOFLAGS: '', CGO_ENABLED: '0' }
      const args = ['build', '-o', program(), fileOf('go/server.go')]
      const build = spawnSync(foundGo.go, args, { env, encoding: 'utf8', timeout: 110_000 })
      if (build.status !== 0) throw new Error(`The Go server does not build:\n${build.stderr}`, { cause: build.error })
    },
    clean: () => rmSync(folder, { recursive: true, force: true }),
    start: ({ port, pingMs, ttlMs }) =>
      startProgram(program(), ['-address', `127.0.0.1:${port}`, '-ping', `${pingMs}ms`, '-ttl', `${ttlMs}ms`]),
  }
}

export const EXAMPLES: readonly Example[] = [python, createGo(), php]
