/**
 * The code on the pages: which blocks there are, and each as a file that can be compiled and run. CONTRIBUTING.md,
 * "Write a page", has the rules; this file holds them.
 */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import manifest from '../../package.json' with { type: 'json' }

/** Languages whose blocks are run. */
const RUN = ['ts', 'js', 'tsx', 'html', 'vue', 'svelte']
/** Languages whose blocks are only shown. */
const SHOWN = ['sh', 'json', 'text', 'css', 'yaml', 'nginx', 'haproxy', 'py', 'go', 'php']

export interface Example {
  /** Page and line, such as `docs/start.md:12`. */
  readonly at: string
  readonly language: string
  /** As it stands on the page. */
  readonly code: string
  /** Name of its file, the same on the page and among other examples. */
  readonly file: string
  /** `node` and `browser` run it by itself; `vitest` and `node:test` run the tests in it. */
  readonly runner: 'node' | 'browser' | 'vitest' | 'node:test' | 'none'
  /** The file of the repository that it is taken from. */
  readonly from: string | undefined
  /** What it prints, as its comments say: `// → this`. */
  readonly prints: readonly string[]
}

const FENCE = /^(?:<!-- (?<key>run|not run|from): (?<value>.+) -->\n+)?```(?<language>.*)\n(?<code>[\s\S]*?)^```$/gm

/** The blocks of a page, and what is wrong with how they are written. */
export function readExamples(page: string): { examples: Example[]; mistakes: string[] } {
  const text = readFileSync(page, 'utf8')
  const examples: Example[] = []
  const mistakes: string[] = []
  for (const match of text.matchAll(FENCE)) {
    const { key, value = '', language = '', code = '' } = match.groups ?? {}
    const line = text.slice(0, match.index).split('\n').length + (match[0].split('```')[0]?.split('\n').length ?? 1) - 1
    const at = `${page}:${line}`
    const from = key === 'from' ? value : undefined
    if (from !== undefined && !isPartOf(code, from)) mistakes.push(`${at}: is not in ${from} as it stands here`)
    if (SHOWN.includes(language)) continue
    if (!RUN.includes(language)) {
      mistakes.push(`${at}: write one of ${[...RUN, ...SHOWN].join(', ')}, not "${language}"`)
      continue
    }
    if (['vue', 'svelte'].includes(language) && from === undefined) mistakes.push(`${at}: needs a "from"`)
    if (key === 'run' && value !== 'browser') mistakes.push(`${at}: "run" can be browser`)
    const [, name] = /^\/\/ ([\w./-]+\.(?:ts|tsx|js))\n/.exec(code) ?? []
    const kind = code.includes("from 'vitest'") ? `test.${language}` : language
    const file = name ?? `line-${line}.${kind}`
    if (examples.some((example) => example.file === file)) mistakes.push(`${at}: a second ${file}`)
    const runner = runnerOf(key, language, code)
    const prints = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, print = '']) => print)
    examples.push({ at, language, code, file, runner, from, prints })
  }
  const fences = text.match(/^ *```/gm)?.length ?? 0
  if (fences !== 2 * [...text.matchAll(FENCE)].length) mistakes.push(`${page}: a block is indented, or has no end`)
  return { examples, mistakes }
}

function runnerOf(key: string | undefined, language: string, code: string): Example['runner'] {
  if (key === 'from' || key === 'not run') return 'none'
  if (code.includes("from 'vitest'")) return 'vitest'
  if (code.includes("from 'node:test'")) return 'node:test'
  return key === 'run' || language === 'html' || language === 'tsx' ? 'browser' : 'node'
}

/** Whether these lines stand in a file, at whatever indentation. */
function isPartOf(code: string, file: string): boolean {
  const flat = (text: string): string => text.replaceAll(/^\s+/gm, '')
  return existsSync(file) && flat(readFileSync(file, 'utf8')).includes(flat(code))
}

/** Where a page's names come from that its examples take for granted, if it has any. */
export const aroundOf = (page: string): string | undefined => {
  const file = path.join('test/docs/around', page.replace(/^docs\//, '').replace(/\.md$/, '.ts'))
  return existsSync(file) ? path.resolve(file) : undefined
}

/** Name of the folder in which the examples of a page are files. */
export const folderOf = (page: string): string => page.replaceAll(/\.md$|[^\w]/g, '-')

/** Ports of this machine: that of the server which is there for `example.com`, and the one for 8080. */
export interface Ports {
  readonly usual: number
  readonly own: number
}

/** Where examples become files. Without ports the code stays as it is. */
interface Place {
  readonly app: string
  readonly ports?: Ports
}

/** An app beside the library, with its packages: a place for examples. */
export function makeApp(app: string): void {
  mkdirSync(app, { recursive: true })
  symlinkSync(path.resolve('node_modules'), path.join(app, 'node_modules'), 'junction')
  writeFileSync(path.join(app, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(app, 'vitest.config.mjs'), 'export default {}')
}

/** Writes the examples of a page as files, and gives the path of each. */
export function writeExamples(page: string, examples: readonly Example[], { app, ports }: Place): string[] {
  const around = aroundOf(page)
  return examples.flatMap((example) =>
    scriptsOf(example).map(({ name, code }) => {
      const file = path.join(app, folderOf(page), name)
      mkdirSync(path.dirname(file), { recursive: true })
      const imports = around === undefined ? '' : importOf(around, code)
      // On the first line, so that the numbers of lines stay. `export {}` makes it a module.
      writeFileSync(file, `${imports}${atPorts(fromSource(code), ports)}\nexport {}\n`)
      return file
    }),
  )
}

/** An example as scripts: itself, or those inside of a page. */
function scriptsOf({ language, code, file }: Example): { name: string; code: string }[] {
  if (language !== 'html') return [{ name: file, code }]
  return [...code.matchAll(/<script\b(?! type="importmap")[^>]*>([\s\S]*?)<\/script>/g)]
    .map(([, script = '']) => script)
    .filter((script) => script.trim() !== '')
    .map((script, i) => ({ name: `${file}-${i + 1}.js`, code: script }))
}

const sourceOf = (subpath: string): string => {
  const folders = [`src/${subpath}`, `src/addons/${subpath}`]
  return path.resolve(folders.find((folder) => existsSync(`${folder}/index.ts`)) ?? 'src', 'index.ts')
}

const SOURCES = new Map(
  Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith('.json'))
    .map((subpath) => [path.posix.join('holdfast', subpath), sourceOf(subpath.slice(2))]),
)

/** It gets the library from its source. */
const fromSource = (code: string): string =>
  code
    .replaceAll(/(from |import |import\()'(holdfast[^']*)'/g, (_, how, name) => `${how}'${SOURCES.get(name) ?? name}'`)
    .replaceAll(/'https:\/\/unpkg\.com\/holdfast@[^']*\/dist\/([\w-]+)\.js'/g, (_, name) => `'${sourceOf(name)}'`)

/** `example.com` is the server that is there, and port 8080 the one that the page shows. Both are on this machine. */
export const atPorts = (code: string, ports: Ports | undefined): string =>
  ports === undefined
    ? code
    : code
        .replaceAll(/\b(ws|http)s?:\/\/example\.com\b/g, `$1://127.0.0.1:${ports.usual}`)
        .replaceAll(/\blocalhost:8080\b/g, `127.0.0.1:${ports.own}`)
        .replaceAll(/\bport: 8080\b/g, `port: ${ports.own}, host: '127.0.0.1'`)
        .replaceAll(/\blisten\(8080\b/g, `listen({ port: ${ports.own}, host: '127.0.0.1' }`)

/** An import of what the code takes for granted and does not say itself. */
function importOf(around: string, code: string): string {
  const own = declaredIn(ts.createSourceFile('example.tsx', code, ts.ScriptTarget.Latest))
  const given = declaredIn(ts.createSourceFile(around, readFileSync(around, 'utf8'), ts.ScriptTarget.Latest))
  const names = [...given]
    .filter(([name, { isExported }]) => isExported && !own.has(name) && new RegExp(`\\b${name}\\b`).test(code))
    .map(([name, { isType }]) => `${isType ? 'type ' : ''}${name}`)
  return names.length > 0 ? `import { ${names.join(', ')} } from '${around}'; ` : ''
}

/** The names that a file declares or imports at its top, and what kind they are. */
function declaredIn(file: ts.SourceFile): Map<string, { isExported: boolean; isType: boolean }> {
  const names = new Map<string, { isExported: boolean; isType: boolean }>()
  const add = (name: ts.Node | undefined, isExported: boolean, isType = false): void => {
    if (name) names.set(name.getText(file), { isExported, isType })
  }
  for (const statement of file.statements) {
    const isExported = ts.canHaveModifiers(statement)
      ? !!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : false
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name)) add(name, isExported)
        else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name, isExported)
      }
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      add(statement.name, isExported, true)
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      add(statement.name, isExported)
    } else if (ts.isImportDeclaration(statement)) {
      const { name, namedBindings } = statement.importClause ?? {}
      add(name, false)
      if (namedBindings && ts.isNamespaceImport(namedBindings)) add(namedBindings.name, false)
      if (namedBindings && ts.isNamedImports(namedBindings))
        for (const it of namedBindings.elements) add(it.name, false)
    }
  }
  return names
}
