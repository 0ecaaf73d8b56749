/** Every piece of code on a page compiles, and runs: in Node, here; what needs a browser, in test/site. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, test } from 'vitest'
import { makeApp, readExamples, writeExamples } from './examples.js'
import { freePorts, play, run } from './player.js'
import { PAGES } from './support.js'

const app = mkdtempSync(path.join(tmpdir(), 'holdfast-docs-'))
afterAll(() => rmSync(app, { recursive: true }))
makeApp(app)

const pages = PAGES.map((page) => ({ page, ...readExamples(page) }))

const filesOf = (runner: string): string[] =>
  pages.flatMap(({ page, examples }) =>
    writeExamples(
      page,
      examples.filter((example) => example.runner === runner),
      { app },
    ),
  )

test('the blocks on the pages are written as they have to be', () => {
  expect(pages.flatMap(({ mistakes }) => mistakes)).toEqual([])
})

test('the examples compile', () => {
  const files = pages.flatMap(({ page, examples }) =>
    writeExamples(
      page,
      examples.filter(({ from }) => from === undefined),
      { app },
    ),
  )
  const globals = path.join(app, 'globals.d.ts')
  writeFileSync(globals, `declare const Holdfast: typeof import('${path.resolve('src/index.ts')}')\n`)
  const config = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.json',
    // An example shows a thing, and need not use it.
    { allowImportingTsExtensions: true, noUnusedLocals: false, noUnusedParameters: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} },
  )
  const options = {
    ...config?.options,
    // As in most apps, whose packages a bundler resolves.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['node'],
    typeRoots: [path.resolve('node_modules/@types')],
  }
  const program = ts.createProgram([...files, globals], options)
  const errors = files
    .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
    .map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      return `${path.relative(app, file?.fileName ?? '')}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  expect(errors).toEqual([])
}, 120_000)

describe('in Node', () => {
  const played = pages.filter(({ examples }) => examples.some(({ runner }) => runner === 'node'))

  test.each(played)(
    'the examples of $page run, and print what they say',
    async ({ page, examples }) => {
      const ports = await freePorts()
      const place = path.join(app, `at-${ports.usual}`)
      makeApp(place)
      // All but tests are there, since one may import another; those for Node are run, in order.
      writeExamples(
        page,
        examples.filter(({ runner }) => runner !== 'vitest' && runner !== 'node:test'),
        { app: place, ports },
      )
      const files = writeExamples(
        page,
        examples.filter(({ runner }) => runner === 'node'),
        { app: place, ports },
      )
      const { printed, troubles } = await play(page, examples, { files, ports })
      expect(troubles, printed.join('\n')).toEqual([])
    },
    120_000,
  )
})

describe('those that are tests', () => {
  const testsOf = (runner: string): number =>
    pages
      .flatMap(({ examples }) => examples.filter((example) => example.runner === runner))
      .flatMap(({ code }) => code.match(/^test\(/gm) ?? []).length

  test('pass with Vitest', async () => {
    const files = filesOf('vitest').map((file) => path.relative(app, file))
    const { status, output } = await run(app, 'node_modules/vitest/vitest.mjs', 'run', ...files)
    expect(status, output).toBe(0)
    expect(output).toMatch(new RegExp(`Tests +${testsOf('vitest')} passed \\(`))
  }, 120_000)

  test("pass with Node's runner", async () => {
    const files = filesOf('node:test')
    const { status, output } = await run(app, '--import', 'tsx', '--test', '--test-reporter', 'tap', ...files)
    expect(status, output).toBe(0)
    expect(output).toContain(`# pass ${testsOf('node:test')}\n`)
  }, 120_000)
})
