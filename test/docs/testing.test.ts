/** The tables of docs/testing.md are those of the source. */
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { FAULTS } from '../../src/testing/faults.js'
import { readExamples } from './examples.js'

const DOCUMENT = 'docs/testing.md'

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

test('the examples are for both runners in each section', () => {
  const { examples } = readExamples(DOCUMENT)
  const countOf = (runner: string): number => examples.filter((example) => example.runner === runner).length
  expect(countOf('vitest')).toBe(4)
  expect(countOf('node:test')).toBe(4)
})
