import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { JSDOM } from 'jsdom'
import { build as buildWithVite } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import webpack from 'webpack'
import manifest from '../../package.json' with { type: 'json' }
import { createServer } from '../../src/server/index.js'

const COMMAND_LIMIT_MS = 60_000
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** A folder of somebody else, with the packed library installed in it and apps below. */
let home: string
let packed: { filename: string; files: { path: string }[] }

const run = (cwd: string, program: string, ...args: string[]): string => {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', timeout: COMMAND_LIMIT_MS, stdio: 'pipe' })
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? `${error.stdout}` : ''
    throw new Error(`${program} ${args.join(' ')} failed:\n${output}`, { cause: error })
  }
}

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'holdfast-packaging-'))
  ;[packed] = JSON.parse(run('.', 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', home))
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }')
  cpSync('test/packaging/apps', home, { recursive: true })
  const { ws, '@types/ws': wsTypes, '@types/node': nodeTypes } = manifest.devDependencies
  const packages = [`./${packed.filename}`, `ws@${ws}`, `@types/ws@${wsTypes}`, `@types/node@${nodeTypes}`]
  run(home, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages)
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('the tarball', () => {
  test('holds the build and the words, and nothing else', () => {
    const files = packed.files.map((file) => file.path)
    const words = ['CHANGELOG.md', 'LICENSE', 'PROTOCOL.md', 'README.md', 'package.json']
    expect(files.filter((file) => !file.startsWith('dist/')).sort()).toEqual(words)
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.cts', 'dist/holdfast.umd.min.js']))
  })

  test('has source maps with their sources', () => {
    const maps = packed.files.map((file) => file.path).filter((file) => file.endsWith('.map'))
    expect(maps).toContain('dist/holdfast.umd.min.js.map')
    for (const map of maps) {
      const { sources, sourcesContent } = JSON.parse(
        readFileSync(path.join(home, 'node_modules/holdfast', map), 'utf8'),
      )
      expect(sourcesContent, map).toHaveLength(sources.length)
      expect(sourcesContent, map).not.toContain(null)
    }
  })

  test('brings no other package', () => {
    const wanted = ['@types', 'holdfast', 'undici-types', 'ws']
    expect(readdirSync(path.join(home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(wanted)
  })
})

const node = ['--lib', 'ES2022', '--types', 'node']
const page = ['--lib', 'ES2022,DOM', '--typeRoots', 'none']

test.each([
  ['vite/main.ts', 'esnext', 'bundler', page],
  ['vite/main.ts', 'nodenext', 'nodenext', page],
  ['webpack/main.js', 'esnext', 'node10', page],
  ['node/main.mjs', 'node16', 'node16', node],
  ['node/main.mjs', 'nodenext', 'nodenext', node],
  ['node/main.mjs', 'esnext', 'bundler', node],
  ['node/main.cjs', 'node16', 'node16', node],
  ['node/main.cjs', 'nodenext', 'nodenext', node],
  ['node/main.cjs', 'commonjs', 'node10', node],
])('%s type-checks with module %s and moduleResolution %s', (file, module, moduleResolution, world) => {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--target', 'ES2022', '--allowJs', '--checkJs']
  // The library's declarations are checked too, and those that the app would make.
  const output = ['--skipLibCheck', 'false', '--declaration', '--outDir', 'types']
  const resolution = ['--module', module, '--moduleResolution', moduleResolution]
  expect(run(home, process.execPath, tsc, ...strict, ...output, ...resolution, ...world, file)).toBe('')
})

test.each(['node/main.mjs', 'node/main.cjs'])('%s runs, and errors are of one class in all subpaths', (file) => {
  expect(JSON.parse(run(home, process.execPath, file))).toEqual({ sum: 3, sameErrors: true })
})

describe.each([
  ['Vite', viteBuild],
  ['webpack', webpackBuild],
])('an app built with %s', (_name, build) => {
  let script: string

  beforeAll(async () => {
    script = await build()
  })

  test('speaks with a server', async () => {
    const server = createServer({ port: 0, host: '127.0.0.1', requests: { sum: () => 3 } })
    const { window } = new JSDOM('', {
      url: `http://127.0.0.1:${await server.listening()}`,
      runScripts: 'outside-only',
    })
    try {
      window.eval(script)
      await expect.poll(() => window.document.body.textContent, { timeout: 10_000 }).toBe('1 + 2 = 3')
    } finally {
      window.close()
      await server.close()
    }
  })

  test('has nothing of the server in it', () => {
    const marks = ['WebSocketServer', 'maxConnectionsPerAddress']
    const server = readFileSync(path.join(home, 'node_modules/holdfast/dist/server.js'), 'utf8')
    expect(marks.filter((mark) => server.includes(mark))).toEqual(marks)
    expect(marks.filter((mark) => script.includes(mark))).toEqual([])
  })
})

async function viteBuild(): Promise<string> {
  const root = path.join(home, 'vite')
  await buildWithVite({ root, configFile: false, logLevel: 'warn' })
  const assets = path.join(root, 'dist/assets')
  const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'))
  expect(scripts).toHaveLength(1)
  return readFileSync(path.join(assets, scripts[0] ?? ''), 'utf8')
}

async function webpackBuild(): Promise<string> {
  const context = path.join(home, 'webpack')
  const compiler = webpack({
    mode: 'production',
    context,
    entry: './main.js',
    output: { path: path.join(context, 'dist') },
  })
  const errors = await new Promise<unknown>((resolve, reject) =>
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats?.toJson().errors))),
  )
  expect(errors).toEqual([])
  return readFileSync(path.join(context, 'dist/main.js'), 'utf8')
}
