import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const MAX_LINES = 350

/** What the files of a folder may import beside their own folder. The longest folder that fits a file counts. */
const MAY_IMPORT: { [folder: string]: readonly string[] } = {
  src: [
    'src/core/client',
    'src/core/session',
    'src/core/platform',
    'src/protocol',
    'src/shared',
    'src/addons/websocket',
  ],
  'src/core/client': ['src/core/messaging', 'src/core/session', 'src/core/connection', 'src/core/platform'],
  'src/core/messaging': ['src/core/session', 'src/core/connection', 'src/core/platform'],
  'src/core/session': ['src/core/connection', 'src/core/platform'],
  'src/core/connection': ['src/core/platform'],
  'src/core/platform': [],
  'src/addons/contract': ['src'],
  'src/addons/inspector': ['src'],
  'src/addons/json-rpc': ['src'],
  'src/addons/msgpack': ['src'],
  'src/addons/react': ['src', 'src/bindings'],
  'src/addons/resume': ['src/core/session', 'src/core/connection', 'src/core/platform'],
  'src/addons/svelte': ['src', 'src/bindings'],
  'src/addons/vue': ['src', 'src/bindings'],
  'src/addons/websocket': ['src/core/client', 'src/core/session', 'src/core/connection', 'src/core/platform'],
  'src/bindings': ['src'],
  'src/cli': [],
  'src/cli/asyncapi': ['src/cli'],
  'src/cli/conformance': ['src/cli'],
  'src/server': [],
  'src/testing': ['src', 'src/server', 'src/core/platform'],
  'src/protocol': [],
  'src/shared': [],
}
/** The ground floor: all may import it. */
const GROUND = ['src/protocol', 'src/shared']

const listFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))

const files = listFiles('src')

/** What a file imports, type-only imports and re-exports among it. */
const specifiersOf = (file: string): string[] =>
  ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName)

/** Files of src that a file imports. */
const importsOf = (file: string): string[] =>
  specifiersOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'))

const folderOf = (file: string): string => {
  const folder = Object.keys(MAY_IMPORT)
    .filter((name) => file.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0]
  // A file right in src is the front door; anything deeper needs a rule of its own.
  if (folder === undefined || (folder === 'src' && file.split('/').length > 2)) throw new Error(`No rule for ${file}`)
  return folder
}

/** The first way round that leads from a file back to itself. */
const findCycle = (imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of imports.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}

describe('the house', () => {
  test.each(files)('%s imports its own folder or a lower storey', (file) => {
    const own = folderOf(file)
    const allowed = [own, ...(MAY_IMPORT[own] ?? []), ...GROUND]
    expect(importsOf(file).filter((target) => !allowed.includes(folderOf(target)))).toEqual([])
  })

  test('no file imports itself by a way round', () => {
    expect(findCycle(new Map(files.map((file) => [file, importsOf(file)])))).toBeUndefined()
  })

  test('the page needs no package, an addon only its own, and the server none but ws, a command tsx', () => {
    // Those for a framework or a format, which are optional peers.
    const own: { [folder: string]: readonly string[] } = {
      'src/addons/msgpack': ['@msgpack/msgpack'],
      'src/addons/react': ['react'],
      'src/addons/svelte': ['svelte', 'svelte/store'],
      'src/addons/vue': ['vue'],
    }
    const packagesOf = (some: string[]): string[] =>
      [...new Set(some.flatMap(specifiersOf))].filter((specifier) => !/^(\.|node:)/.test(specifier))
    const isServer = (file: string): boolean => /^src\/(cli|server|testing)\//.test(file)
    expect(packagesOf(files.filter((file) => !isServer(file) && !(folderOf(file) in own)))).toEqual([])
    for (const [folder, names] of Object.entries(own)) {
      expect(packagesOf(files.filter((file) => folderOf(file) === folder))).toEqual(names)
    }
    expect(packagesOf(files.filter(isServer)).sort()).toEqual(['tsx/esm/api', 'ws'])
  })

  test('only platform/browser.ts touches a global of the browser', () => {
    const config = ts.getParsedCommandLineOfConfigFile('tsconfig.core.json', undefined, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
      },
    })
    const program = ts.createProgram(config?.fileNames ?? [], config?.options ?? {})
    const errors = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) =>
          `${path.relative('.', file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      )
    const isDoor = (error: string): boolean => error.startsWith(path.join('src', 'core', 'platform', 'browser.ts'))
    expect(errors.filter((error) => !isDoor(error))).toEqual([])
    // The one file that must fail shows that the compiler would notice the others.
    expect(errors.filter(isDoor)).not.toEqual([])
  }, 60_000)

  const linesOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1

  test(`no file has more than ${MAX_LINES} lines`, () => {
    expect(files.filter((file) => linesOf(file) > MAX_LINES)).toEqual([])
  })

  test('a binding to a framework is thin: no file of 120 lines', () => {
    const bindings = files.filter((file) => /^src\/(bindings|addons\/(react|vue|svelte))\//.test(file))
    expect(bindings.length).toBeGreaterThan(5)
    expect(bindings.filter((file) => linesOf(file) >= 120)).toEqual([])
  })
})
