/** The examples of docs/testing.md compile, and pass as they stand. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import ts from 'typescript'
import { afterAll, describe, expect, test } from 'vitest'
import { FAULTS } from '../../src/testing/faults.js'

const DOCUMENT = 'docs/testing.md'

const SUBPATHS: { readonly [specifier: string]: string } = {
  holdfast: path.resolve('src/index.ts'),
  'holdfast/resume': path.resolve('src/addons/resume/index.ts'),
  'holdfast/server': path.resolve('src/server/index.ts'),
  'holdfast/testing': path.resolve('src/testing/index.ts'),
}

const examples = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], i) => ({
  file: `example-${i + 1}.test.ts`,
  runner: code.includes("from 'vitest'") ? 'vitest' : 'node',
  /** It gets the library from its source. */
  code: code.replaceAll(/from '(holdfast[^']*)'/g, (_, specifier) => `from '${SUBPATHS[specifier]}'`),
}))

/** An app beside the library, with its packages. */
const app = mkdtempSync(path.join(tmpdir(), 'holdfast-docs-'))
afterAll(() => rmSync(app, { recursive: true }))
symlinkSync(path.resolve('node_modules'), path.join(app, 'node_modules'), 'junction')
writeFileSync(path.join(app, 'package.json'), '{ "type": "module" }')
writeFileSync(path.join(app, 'vitest.config.mjs'), 'export default {}')
for (const { file, code } of examples) writeFileSync(path.join(app, file), code)

/** Runs a program in the app; gives its exit code and all that it printed. */
const run = (program: string, ...args: string[]) =>
  new Promise<{ status: number | null; output: string }>((resolve) => {
    // Without the variables by which a runner knows that another one started it.
    const { NODE_TEST_CONTEXT: _, VITEST: __, ...env } = process.env
    const child = spawn(process.execPath, [program, ...args], { cwd: app, env, timeout: 50_000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text
      })
    }
    child.on('close', (status) => resolve({ status, output: stripVTControlCharacters(output) }))
  })

const filesOf = (runner: string): string[] =>
  examples.filter((example) => example.runner === runner).map(({ file }) => file)

test('the table of faults names every fault, and no other', () => {
  const table = readFileSync(DOCUMENT, 'utf8').split('| fault |')[1]?.split('\n\n')[0] ?? ''
  const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual(Object.keys(FAULTS).sort())
})

test('the table of the pair names every member, and no other', () => {
  const table = readFileSync(DOCUMENT, 'utf8').split('The pair:\n\n')[1]?.split('\n\n')[0] ?? ''
  const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name),
  )
  const source = ts.createSourceFile(
    'test-pair.ts',
    readFileSync('src/testing/test-pair.ts', 'utf8'),
    ts.ScriptTarget.Latest,
  )
  const members = source.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement))
    .filter(({ name }) => name.text === 'TestPair')
    .flatMap((declaration) => declaration.members.map((member) => member.name?.getText(source)))
  expect(members.length).toBeGreaterThan(8)
  expect(named.sort()).toEqual(members.sort())
})

describe('the examples', () => {
  const countOf = (runner: string): number =>
    examples.filter((example) => example.runner === runner).flatMap(({ code }) => code.match(/^test\(/gm) ?? []).length

  test('are for both runners in each section', () => {
    expect(filesOf('vitest')).toHaveLength(4)
    expect(filesOf('node')).toHaveLength(4)
  })

  test('compile', () => {
    const config = ts.getParsedCommandLineOfConfigFile(
      'tsconfig.json',
      { allowImportingTsExtensions: true },
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} },
    )
    const files = examples.map(({ file }) => path.join(app, file))
    const program = ts.createProgram(files, { ...config?.options, typeRoots: [path.resolve('node_modules/@types')] })
    const errors = files
      .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
    expect(errors).toEqual([])
  }, 60_000)

  test('pass with Vitest', async () => {
    const { status, output } = await run('node_modules/vitest/vitest.mjs', 'run', ...filesOf('vitest'))
    expect(status, output).toBe(0)
    expect(output).toMatch(new RegExp(`Tests +${countOf('vitest')} passed \\(`))
  }, 60_000)

  test("pass with Node's runner", async () => {
    const { status, output } = await run('--import', 'tsx', '--test', '--test-reporter', 'tap', ...filesOf('node'))
    expect(status, output).toBe(0)
    expect(output).toContain(`# pass ${countOf('node')}\n`)
  }, 60_000)
})
