/** The page of errors has every code of the source, and no other. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { type Policy, policyOf } from '../../src/core/connection/close-codes.js'
import * as frames from '../../src/protocol/frames.js'
import { choicesOf, rowsOf } from './support.js'

const page = readFileSync('docs/errors.md', 'utf8')

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(path.join('src', file), 'utf8') }))

describe('the codes of errors', () => {
  const named = [...page.matchAll(/^### ([A-Z_]+|-\d+)$/gm)].map(([, code = '']) => code)

  test('are those of the source', () => {
    const thrown = sources.flatMap(({ text }) =>
      [...text.matchAll(/(?:new HoldfastError|super|refusal)\(\s*'([A-Z_]+)'/g)].map(([, code = '']) => code),
    )
    const { INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL } = frames
    const numbers = [INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL].map(String)
    expect(thrown.length).toBeGreaterThan(15)
    expect(named.sort()).toEqual([...new Set([...thrown, ...numbers])].sort())
  })

  test('each have a cause and a fix', () => {
    const sections = page.split(/^##+ /m).filter((section) => /^([A-Z_]+|-\d+)\n/.test(section))
    expect(sections).toHaveLength(named.length)
    expect(sections.filter((section) => !/\*\*Why:\*\* .+\*\*Fix:\*\* /s.test(section))).toEqual([])
  })

  test('name every reason for which a message is dropped', () => {
    const section = page.split('### DROPPED')[1]?.split('###')[0] ?? ''
    const reasons = choicesOf('DropReason', 'src/core/session/send-queue.ts')
    expect(reasons.filter((reason) => !section.includes(`\`${reason}\``))).toEqual([])
  })
})

describe('the close codes', () => {
  const rows = rowsOf(page.split('## Close codes')[1] ?? '')
    .slice(1)
    .map(([code = '', , cause = '', then = '', fix = '']) => ({ code, cause, then, fix }))
  const WORDS: { readonly [policy in Policy]: RegExp } = {
    stop: /^ends$/,
    refresh: /^comes back with fresh credentials$/,
    retry: /^comes back( in the window.*)?$/,
  }

  test('do what the page says', () => {
    const numbered = rows.filter(({ code }) => /^\d{4}$/.test(code))
    expect(numbered.length).toBeGreaterThan(20)
    expect(numbered.filter(({ code, then }) => !WORDS[policyOf(Number(code))].test(then))).toEqual([])
    expect(rows.filter(({ cause, fix }) => cause === '' || fix === '')).toEqual([])
  })

  test('are all that the source knows', () => {
    const known = sources
      .filter(({ file }) => /^(core|server|protocol|addons.resume)\b/.test(file))
      .flatMap(({ file, text }) => closeCodesIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest)))
    const codes = rows.map(({ code }) => code)
    expect(known.length).toBeGreaterThan(15)
    expect([...new Set(known)].filter((code) => !codes.includes(code))).toEqual([])
  })
})

/** Numbers in a file that are in the ranges of close codes, times and sizes apart. */
function closeCodesIn(file: ts.SourceFile): string[] {
  const codes: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNumericLiteral(node) && /^(10(0[1-35-9]|1[0-3])|300[0-3]|400[1-9]|44[0-2]\d)$/.test(node.text)) {
      codes.push(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return codes
}
