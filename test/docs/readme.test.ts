/** The words keep up with the code: what the README shows compiles, and its tables are those of the source. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { normalise } from '../../src/core/client/options.js'
import type { ConnectOptions } from '../../src/core/client/public.js'
import * as holdfast from '../../src/index.js'
import { normalize as normalizeServer } from '../../src/server/options.js'
import { fakeEnvironment } from '../../src/testing/fake-environment.js'
import { blocksOf, bodyOf, choicesOf, membersOf, namedIn, readme, rowsOf, sectionOf } from './support.js'

describe('the code in the README', () => {
  /** What the examples take for granted: the app around them, and the two ways to get the library. */
  const [app = ''] = /^interface App \{[\s\S]*?^\}/m.exec(readme) ?? []
  const around = `
    declare const Holdfast: typeof import('holdfast')
    declare const client: import('holdfast').Client
    declare function getToken(): Promise<string>
    declare function verifyUser(token: unknown): Promise<{ name: string }>
    declare function checkMember(subject: unknown): void
    declare function askModel(question: string, signal: AbortSignal): AsyncIterable<string>
    declare function showHistory(history: unknown): void
    declare function reloadEverything(): void
    declare function askTheUserAbout(messages: readonly unknown[]): void
    declare function showNotice(text: string): void
    ${app}`
  const scripts = blocksOf(readme, 'html').flatMap((html) =>
    [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code = '']) => code),
  )
  const files = new Map([
    [path.resolve('around.d.ts'), around],
    ...blocksOf(readme, 'ts').map((code, i) => [path.resolve(`example-${i + 1}.ts`), `${code}\nexport {}`] as const),
    ...scripts.map((code, i) => [path.resolve(`script-${i + 1}.js`), `${code}\nexport {}`] as const),
  ])

  test('compiles', () => {
    const paths = {
      holdfast: [path.resolve('src/index.ts')],
      'holdfast/resume': [path.resolve('src/addons/resume/index.ts')],
      'holdfast/server': [path.resolve('src/server/index.ts')],
    }
    const config = ts.getParsedCommandLineOfConfigFile(
      'tsconfig.json',
      // An example shows a thing, and need not use it.
      { noUnusedLocals: false },
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} },
    )
    const options = { ...config?.options, paths }
    const host = ts.createCompilerHost(options)
    const { fileExists, readFile } = host
    host.fileExists = (file) => files.has(path.resolve(file)) || fileExists(file)
    host.readFile = (file) => files.get(path.resolve(file)) ?? readFile(file)
    const program = ts.createProgram([...files.keys()], options, host)
    const errors = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
    expect(files.size).toBeGreaterThan(9)
    expect(errors).toEqual([])
  }, 60_000)

  test('loads the script of this version', () => {
    expect(readme).toContain(`holdfast@${manifest.version}/${path.posix.normalize(manifest.unpkg)}"`)
  })

  test('names every subpath, and no other', () => {
    const subpaths = rowsOf(sectionOf('Start')).map(([name = '']) => name)
    const exported = Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'))
    expect(subpaths.slice(1)).toEqual(exported.map((name) => path.posix.join('holdfast', name)))
  })
})

describe('the server kit', () => {
  const named = namedIn(sectionOf('Server kit'))

  test.each(['ServerOptions', 'ServerLimits', 'SessionOptions', 'ServerChannel', 'ServerContext'])(
    'has every member of %s',
    (name) => {
      expect(membersOf(name, 'src/server/public.ts').filter((member) => !named.has(member))).toEqual([])
    },
  )

  test('has its limits as they are by default', () => {
    const { limits, sessions, ...settings } = normalizeServer({ port: 0 })
    const text = sectionOf('Server kit').replaceAll(/`(\w+)`/g, '$1')
    const words = (value: number): string =>
      value >= 2 ** 20 && value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : value.toLocaleString('en')
    for (const [name, value] of Object.entries({ ...limits, ...sessions })) {
      if (typeof value === 'number') expect(text).toMatch(new RegExp(`\\b${name} ${words(value)}\\b`))
    }
    for (const name of ['authTimeoutMs', 'pingIntervalMs', 'requestTimeoutMs'] as const) {
      const [, row = ''] = rowsOf(sectionOf('Server kit')).find(([cell = '']) => cell.includes(name)) ?? []
      expect(row).toContain(words(settings[name]))
    }
  })
})

describe('the table of options', () => {
  const rows = bodyOf('Options').map(([name = '', cell = '']) => ({ name, cell }))

  const normal = (options: ConnectOptions): object => {
    const { url: _url, ...rest } = normalise('wss://example.com', options, environment)
    return rest
  }
  const environment = fakeEnvironment()
  const defaults = normal({ heartbeat: { intervalMs: 1 } })
  const defaultOf = (name: string): unknown => name.split('.').reduce((at, key) => Reflect.get(at, key), defaults)

  /** A cell of the column with the defaults as a value. */
  const read = (cell: string): unknown => {
    if (/^'.*'$/.test(cell)) return cell.slice(1, -1)
    if (/^(true|false)$/.test(cell)) return cell === 'true'
    return Number(cell.replace(' MiB', '').replaceAll(',', '')) * (cell.endsWith(' MiB') ? 2 ** 20 : 1)
  }

  test('names every option, and no other', () => {
    const inside = (name: string, of: string): string[] => membersOf(of).map((field) => `${name}.${field}`)
    const options = [
      ...membersOf('ConnectOptions').filter((name) => name !== 'backoff' && name !== 'queue'),
      ...inside('backoff', 'BackoffOptions'),
      ...inside('queue', 'QueueOptions'),
      ...inside('heartbeat', 'HeartbeatOptions'),
    ]
    expect(options.length).toBeGreaterThan(20)
    expect(rows.map(({ name }) => name).sort()).toEqual(options.sort())
  })

  const hasPlainDefault = ({ name, cell }: { name: string; cell: string }): boolean =>
    /string|number|boolean/.test(typeof defaultOf(name)) && cell !== 'required'

  test.each(rows.filter(hasPlainDefault))('$name is $cell by default', ({ name, cell }) => {
    expect(read(cell)).toBe(defaultOf(name))
  })

  test('heartbeat is auto and wire is json by default', () => {
    expect(rows).toContainEqual({ name: 'heartbeat', cell: "'auto'" })
    expect(rows).toContainEqual({ name: 'wire', cell: "'json'" })
    expect(normal({ heartbeat: 'auto', wire: 'json' })).toEqual(normal({}))
  })
})

test('the table of events names every event, and no other', () => {
  const events = [...membersOf('ClientEvents'), ...membersOf('SessionEvents', 'src/core/session/plugin.ts')]
  expect(bodyOf('Events').map(([event]) => event)).toEqual(events)
})

test('the event `drop` has every reason', () => {
  const [, , when = ''] = /^\| `drop` \|(.*?)\|(.*)\|$/m.exec(sectionOf('Events')) ?? []
  expect([...namedIn(when)].sort()).toEqual(choicesOf('DropReason', 'src/core/session/send-queue.ts').sort())
})

test.each(['RequestOptions', 'StreamOptions', 'SendOptions'])(
  'the options of a call have every member of %s',
  (name) => {
    const file = name === 'SendOptions' ? 'src/core/messaging/room.ts' : 'src/core/messaging/messenger.ts'
    const [sentence = ''] = /^A request takes[\s\S]*?\n\n/m.exec(sectionOf('Options')) ?? []
    expect(membersOf(name, file).filter((member) => !new RegExp(`\\b${member}\\b`).test(sentence))).toEqual([])
  },
)

test('the table of errors names every class with its code, and no other', () => {
  const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(path.join('src', file), 'utf8'))
    .join('\n')
  const withClass = [...source.matchAll(/class (\w+) extends HoldfastError \{[\s\S]*?super\(('(\w+)')?/g)].map(
    ([, name, , code = "the server's"]) => `${name} ${code}`,
  )
  const without = [...source.matchAll(/new HoldfastError\(\s*'(\w+)'/g)].map(([, code]) => `HoldfastError ${code}`)
  const exported = Object.entries(holdfast).filter(([name]) => /^class\b/.test(`${Reflect.get(holdfast, name)}`))
  const inTable = bodyOf('Errors').map(([name, code = '']) => `${name} ${code}`)
  expect(inTable.sort()).toEqual([...new Set([...withClass, ...without])].sort())
  expect([...new Set(inTable.map((row) => row.split(' ')[0]))].sort()).toEqual(exported.map(([name]) => name).sort())
})

test('the sizes are those that npm run size measures', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/size.mjs', '--json'], { encoding: 'utf8' })
  expect(stdout, stderr).not.toBe('')
  const sizes: { name: string; gzip: number }[] = JSON.parse(stdout)
  const sizeOf = (name: string): number => sizes.find((size) => size.name === name)?.gzip ?? Number.NaN
  const kilobytes = (bytes: number): string => (Math.ceil(bytes / 100) / 10).toFixed(1)
  const plain = sizeOf('connect')
  const resumable = sizeOf('connect with resumable')
  expect(
    bodyOf('Compared')
      .slice(0, 2)
      .map((row) => row.slice(0, 2)),
  ).toEqual([
    [`holdfast ${manifest.version}`, kilobytes(plain)],
    [`holdfast ${manifest.version}, with resumable()`, kilobytes(resumable)],
  ])
  const imports = rowsOf(sectionOf('Start'))
  expect(imports.find(([name]) => name === 'holdfast')?.at(-1)).toBe(kilobytes(plain))
  const added = sizes.flatMap(({ name, gzip }) => (name.startsWith('+ ') ? [[name.slice(2), gzip] as const] : []))
  expect(added.map(([name]) => [name, imports.find(([subpath]) => subpath === `holdfast/${name}`)?.at(-1)])).toEqual(
    added.map(([name, gzip]) => [name, `+ ${kilobytes(gzip)}`]),
  )
}, 30_000)
