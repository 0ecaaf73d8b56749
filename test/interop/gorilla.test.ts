import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { findGo } from '../../scripts/machine.mjs'
import { isMissing, startProgram } from './program.js'
import { describeServer } from './suite.js'

const SOURCES = path.join(import.meta.dirname, 'servers/gorilla')

const found = findGo()
const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-gorilla-'))
const binary = path.join(folder, 'server')

beforeAll(() => {
  if (!found) return
  // Debian's sources, nothing from the network, and no C compiler.
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: found.gopath, GOFLAGS: '', CGO_ENABLED: '0' }
  const build = spawnSync(found.go, ['build', '-o', binary, '.'], {
    cwd: SOURCES,
    env,
    encoding: 'utf8',
    timeout: 110_000,
  })
  if (build.status !== 0) throw new Error(`The Go server does not build:\n${build.stderr}`, { cause: build.error })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeServer(
  'gorilla/websocket',
  isMissing('gorilla/websocket', found, 'golang-go and golang-github-gorilla-websocket-dev'),
  (port, pingMs) => startProgram(binary, ['-address', `127.0.0.1:${port}`, '-ping', `${pingMs}ms`]),
)
