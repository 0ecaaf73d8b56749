/** README.zh-CN.md says all that README.md says: as many headings, rows and blocks, and the same code. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readme } from './support.js'

const translation = readFileSync('README.zh-CN.md', 'utf8')

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm

const prose = (text: string): string => text.replaceAll(BLOCK, '')

/** Code without its comments, which are translated. */
const blocksOf = (text: string): string[] =>
  [...text.matchAll(BLOCK)].map(([, language, code = '']) => `${language}\n${code.replaceAll(/(^|\s)\/\/ .*$/gm, '')}`)

/** What stands in backticks, in the order of its lines: no name may be lost, nor be put into another row. */
const rowsOf = (text: string): string[][] =>
  [...prose(text).matchAll(/^\|(.+)\|$/gm)].map(([, row = '']) =>
    [...row.matchAll(/`[^`]+`|\d[\d.,]*\d/g)].map(String).sort(),
  )

const levelsOf = (text: string): string[] => [...prose(text).matchAll(/^(#+) /gm)].map(([, level = '']) => level)

/** Where links lead to; within the page only how many there are. */
const linksOf = (text: string): string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => (target.startsWith('#') ? '#' : target))
    .filter((target) => !target.startsWith('README'))
    .sort()

test.each([
  ['headings', levelsOf],
  ['blocks of code', blocksOf],
  ['rows of tables, with the names and numbers in them', rowsOf],
  ['links and pictures', linksOf],
])('README.zh-CN.md has the %s of README.md', (_what, partsOf) => {
  expect(partsOf(translation)).toEqual(partsOf(readme))
})

test('README.zh-CN.md has a list item and a paragraph for each of README.md', () => {
  const countOf = (text: string): number[] =>
    prose(text)
      .split(/^#+ .*$/m)
      .map((section) => section.split(/\n{2,}/).filter((part) => part.trim()).length)
  expect(countOf(translation)).toEqual(countOf(readme))
  const itemsOf = (text: string): number => [...prose(text).matchAll(/^(?:- |\d\. )/gm)].length
  expect(itemsOf(translation)).toBe(itemsOf(readme))
})
