import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const RULE = /\bP\d+\.\d+\b/g

const rules = [...readFileSync('PROTOCOL.md', 'utf8').matchAll(/^- \*\*(P\d+\.\d+)\*\*/gm)].map(([, rule]) => rule)

/** `test` of `test('…')`, of `test.each(…)('…')`, and of whatever is made of it. */
const rootOf = (callee: ts.Expression): string => {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) return rootOf(callee.expression)
  return ''
}

const titlesOf = (file: string): string[] => {
  const titles: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|it|describe)/.test(rootOf(node.expression))) {
      const title = node.arguments[0]
      if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) titles.push(title.getText())
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))
  return titles
}

const inTitles = new Set(
  readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => titlesOf(path.join('test', file)))
    .flatMap((title) => title.match(RULE) ?? []),
)

test('PROTOCOL.md has rules, each with a number of its own', () => {
  expect(rules.length).toBeGreaterThan(25)
  expect(new Set(rules).size).toBe(rules.length)
})

test.each(rules)('%s stands in the title of a test', (rule) => {
  expect(inTitles).toContain(rule)
})

test('no title names a rule that there is not', () => {
  expect([...inTitles].filter((rule) => !rules.includes(rule))).toEqual([])
})
