/** The words keep up with the code: what the README shows compiles, and its tables and links are those of the source. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { normalise } from '../../src/core/client/options.js'
import type { ConnectOptions } from '../../src/core/client/public.js'
import * as holdfast from '../../src/index.js'
import { fakeEnvironment } from '../../src/testing/fake-environment.js'

const DOCUMENTS = ['README.md', 'PROTOCOL.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs/architecture.md']

const readme = readFileSync('README.md', 'utf8')

/** The text below a heading, up to the next one of its level. */
const sectionOf = (title: string): string => readme.split(/^## /m).find((section) => section.startsWith(title)) ?? ''

/** Rows of the tables in a text, without their heads; cells without backticks and stars. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\|(.+)\|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.replaceAll(/[`*]/g, '').trim()))
    .filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)))

const bodyOf = (title: string): string[][] => rowsOf(sectionOf(title)).slice(1)

const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code)

/** Names of the members of an interface in `public.ts`. */
const publicSource = ts.createSourceFile(
  'public.ts',
  readFileSync('src/core/client/public.ts', 'utf8'),
  ts.ScriptTarget.Latest,
)
const membersOf = (name: string): string[] =>
  publicSource.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement))
    .filter((declaration) => declaration.name.text === name)
    .flatMap(({ members }) => members.map((member) => member.name?.getText(publicSource) ?? ''))

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
    const paths = { holdfast: [path.resolve('src/index.ts')], 'holdfast/server': [path.resolve('src/server/index.ts')] }
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
    expect(files.size).toBeGreaterThan(7)
    expect(errors).toEqual([])
  }, 60_000)

  test('loads the script of this version', () => {
    expect(readme).toContain(`holdfast@${manifest.version}/${path.posix.normalize(manifest.unpkg)}"`)
  })

  test('names scripts that there are', () => {
    const named = [...readme.matchAll(/`npm (?!install)(?:run )?(\w+)/g)].map(([, script = '']) => script)
    expect(named).not.toEqual([])
    expect(named.filter((script) => !(script in manifest.scripts))).toEqual([])
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
  expect(bodyOf('Events').map(([event]) => event)).toEqual(membersOf('ClientEvents'))
})

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

test('the size is the one that npm run size measures', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/size.mjs', '--json'], { encoding: 'utf8' })
  expect(stdout, stderr).not.toBe('')
  const sizes: { name: string; gzip: number }[] = JSON.parse(stdout)
  const gzip = sizes.find(({ name }) => name === 'connect')?.gzip ?? Number.NaN
  const [name, kilobytes] = bodyOf('Compared')[0] ?? []
  expect(name).toBe(`holdfast ${manifest.version}`)
  expect(kilobytes).toBe((Math.ceil(gzip / 100) / 10).toFixed(1))
}, 30_000)

describe.each(DOCUMENTS)('%s', (document) => {
  /** As GitHub makes them from headings. */
  const anchorsOf = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

  test('has no dead links', () => {
    const text = readFileSync(document, 'utf8')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const dead = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? document : path.join(path.dirname(document), file)
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
      })
    expect(dead).toEqual([])
  })
})
