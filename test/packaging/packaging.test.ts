import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build as buildWithEsbuild } from 'esbuild'
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
    const { stdout = '', stderr = '' } = Object(error)
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
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
    const words = ['CHANGELOG.md', 'LICENSE', 'PROTOCOL.md', 'README.md', 'README.zh-CN.md', 'package.json']
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
/** `holdfast/testing` names types of Node, since its servers have them. */
const tests = ['--lib', 'ES2022,DOM', '--types', 'node']

test.each([
  ['vite/main.ts', 'esnext', 'bundler', page],
  ['vite/main.ts', 'nodenext', 'nodenext', page],
  ['webpack/main.js', 'esnext', 'node10', page],
  ['resume/main.js', 'esnext', 'bundler', page],
  ['resume/main.js', 'esnext', 'node10', page],
  ['testing/main.js', 'esnext', 'bundler', tests],
  ['testing/main.js', 'esnext', 'node10', tests],
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
  const sameErrors = { server: true, resume: true, testing: true }
  expect(JSON.parse(run(home, process.execPath, file))).toEqual({ sum: 3, unacknowledged: 0, sameErrors })
})

test('holdfast-asyncapi writes the contract of a module, and says what one in TypeScript needs', () => {
  const { channels } = JSON.parse(run(home, 'npx', 'holdfast-asyncapi', 'contract/main.mjs'))
  expect(Object.keys(channels)).toEqual(['requests', 'chat'])
  expect(() => run(home, 'npx', 'holdfast-asyncapi', 'vite/main.ts')).toThrow(/needs the package tsx: install it/)
})

/** Words that stand in the built files of a part, and in no other. */
const MARKS = {
  server: ['WebSocketServer', 'maxConnectionsPerAddress'],
  resume: ['future ack', 'moving failed'],
  testing: ['wss://pair.test/', 'neverSent'],
}

const marksIn = (script: string, part: keyof typeof MARKS): string[] =>
  MARKS[part].filter((mark) => script.includes(mark))

test('the marks of the parts are in the built files', () => {
  const dist = path.join(home, 'node_modules/holdfast/dist')
  const all = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') && !file.includes('umd'))
    .map((file) => readFileSync(path.join(dist, file), 'utf8'))
    .join('\n')
  for (const part of ['server', 'resume', 'testing'] as const) expect(marksIn(all, part)).toEqual(MARKS[part])
})

describe.each([
  ['Vite', viteBuild],
  ['webpack', webpackBuild],
])('built with %s', (_name, build) => {
  const scripts = new Map<string, Promise<string>>()
  const scriptOf = (app: string): Promise<string> => {
    const script = scripts.get(app) ?? build(app)
    scripts.set(app, script)
    return script
  }

  /** Runs an app on a page of this server until it has said so. */
  async function runApp(app: string, url: string, said: string): Promise<void> {
    const script = await scriptOf(app)
    const { window } = new JSDOM('', { url, runScripts: 'outside-only' })
    // Browsers have it, and jsdom has not.
    Object.assign(window, { MessageChannel })
    try {
      window.eval(script)
      await expect.poll(() => window.document.body.textContent, { timeout: 10_000 }).toBe(said)
    } finally {
      window.close()
    }
  }

  test('an app speaks with a server', async () => {
    const server = createServer({ port: 0, host: '127.0.0.1', requests: { sum: () => 3 } })
    try {
      await runApp('plain', `http://127.0.0.1:${await server.listening()}`, '1 + 2 = 3')
    } finally {
      await server.close()
    }
  })

  test('an app with a session has its message handled', async () => {
    const heard: unknown[] = []
    const server = createServer({
      port: 0,
      host: '127.0.0.1',
      channels: { chat: { on: { message: (data) => void heard.push(data) } } },
    })
    try {
      await runApp('resume', `http://127.0.0.1:${await server.listening()}`, 'delivered')
      expect(heard).toEqual(['hi'])
      expect(server.metrics().sessionsTotal).toBe(1)
    } finally {
      await server.close()
    }
  })

  test('fakes work in a page, and bring nothing of the server and of Node', async () => {
    await runApp('testing', 'http://127.0.0.1', '1 sent; 1 received')
    const script = await scriptOf('testing')
    expect(marksIn(script, 'server')).toEqual([])
    expect(script).not.toContain('node:')
  })

  test('an app has nothing in it of the parts that it does not import', async () => {
    const [plain, resume] = [await scriptOf('plain'), await scriptOf('resume')]
    for (const part of ['server', 'resume', 'testing'] as const) expect(marksIn(plain, part)).toEqual([])
    for (const part of ['server', 'testing'] as const) expect(marksIn(resume, part)).toEqual([])
    expect(marksIn(resume, 'resume')).toEqual(MARKS.resume)
  })
})

describe('in a bundle, the bytes', () => {
  const SHARED = /^src\/(index\.ts|core\/|protocol\/|shared\/)/
  const SESSION = /^src\/(addons\/resume\/|protocol\/session-frames\.ts)/
  const CONTRACT = /^src\/(addons\/contract\/|protocol\/(contract|examine|schema)\.ts)/

  test('of an app that imports `connect` come from the core, and none from an addon, server or testing', async () => {
    const sources = await sourcesOf(`export { connect } from 'holdfast'`)
    expect(sources).toContain('src/core/client/client.ts')
    expect(sources.filter((source) => !SHARED.test(source) || SESSION.test(source) || CONTRACT.test(source))).toEqual(
      [],
    )
  })

  test.each([
    ['websocket', 'HoldfastWebSocket', []],
    ['contract', 'connectWith', CONTRACT],
    ['react', 'useStatus', /^src\/bindings\//],
    ['vue', 'useStatus', /^src\/bindings\//],
    ['svelte', 'useStatus', /^src\/bindings\//],
    ['json-rpc', 'jsonRpc', []],
    ['msgpack', 'msgpack', []],
    ['inspector', 'HoldfastInspector', []],
  ] as const)('of holdfast/%s come from its own folder beside the core', async (addon, name, also) => {
    const sources = await sourcesOf(`export { ${name} } from 'holdfast/${addon}'`)
    expect(sources.some((source) => source.startsWith(`src/addons/${addon}/`))).toBe(true)
    const isOwn = (source: string): boolean =>
      source.startsWith(`src/addons/${addon}/`) || SHARED.test(source) || (also instanceof RegExp && also.test(source))
    expect(sources.filter((source) => !isOwn(source))).toEqual([])
  })

  test('of `resumable` come from the addon, the frames of a session, and what the core has anyway', async () => {
    const core = await sourcesOf(`export { connect } from 'holdfast'`)
    const both = await sourcesOf(`export { connect } from 'holdfast'; export { resumable } from 'holdfast/resume'`)
    const more = both.filter((source) => !core.includes(source))
    expect(more).toContain('src/addons/resume/keeper.ts')
    expect(more.filter((source) => !SESSION.test(source))).toEqual([])
  })
})

/** The source files that the bytes of a minified app come from, by its source map. */
async function sourcesOf(contents: string): Promise<string[]> {
  const { outputFiles } = await buildWithEsbuild({
    stdin: { contents, resolveDir: home },
    bundle: true,
    minify: true,
    format: 'esm',
    external: ['react', 'vue', 'svelte', '@msgpack/msgpack'],
    sourcemap: 'external',
    outdir: home,
    write: false,
  })
  const textOf = (extension: string): string => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ''
  const map = new SourceMap(JSON.parse(textOf('.map')))
  const found = new Set<string>()
  for (const [line, text] of textOf('.js').split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const entry = map.findEntry(line, column)
      if ('originalSource' in entry) found.add(entry.originalSource.replace(/^.*?(?=src\/)/, ''))
    }
  }
  return [...found].sort()
}

/** The folder of an app and, for webpack, its file. */
const plainFolder = { vite: 'vite', webpack: 'webpack' }
const folderOf = (app: string, bundler: keyof typeof plainFolder): string =>
  path.join(home, app === 'plain' ? plainFolder[bundler] : app)

async function viteBuild(app: string): Promise<string> {
  const root = folderOf(app, 'vite')
  await buildWithVite({ root, configFile: false, logLevel: 'error' })
  const assets = path.join(root, 'dist/assets')
  const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'))
  expect(scripts).toHaveLength(1)
  return readFileSync(path.join(assets, scripts[0] ?? ''), 'utf8')
}

async function webpackBuild(app: string): Promise<string> {
  const context = folderOf(app, 'webpack')
  const output = { path: path.join(context, 'packed') }
  const compiler = webpack({ mode: 'production', context, entry: './main.js', output })
  const errors = await new Promise<unknown>((resolve, reject) =>
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats?.toJson().errors))),
  )
  expect(errors).toEqual([])
  return readFileSync(path.join(output.path, 'main.js'), 'utf8')
}
