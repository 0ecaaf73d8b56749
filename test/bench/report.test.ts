/** What the benchmark makes of its figures. */
import { describe, expect, test } from 'vitest'
import { count, mustBeWhole, newTally, numbered } from '../../bench/page/numbered.js'
import { drawBars } from '../../bench/report/bars.js'
import { ratiosOf, spreadOf } from '../../bench/report/ratios.js'
import { inMarkdown, show } from '../../bench/report/tables.js'

describe('a message', () => {
  test.each([1, 10, 999, 20_000])('with the number %i has 100 bytes', (n) => {
    expect(new TextEncoder().encode(JSON.stringify(numbered(n)))).toHaveLength(100)
  })
})

describe('a tally', () => {
  const tallyOf = (numbers: readonly number[]) => {
    const tally = newTally()
    for (const n of numbers) count(tally, n)
    return tally
  }

  test('is content with each number once and in order', () => {
    expect(() => mustBeWhole(tallyOf([1, 2, 3]), 3, 'here')).not.toThrow()
  })

  test.each([
    ['one is missing', [1, 3]],
    ['the last is missing', [1, 2]],
    ['one comes twice', [1, 2, 2, 3]],
    ['two are in the wrong order', [2, 1, 3]],
    ['one comes twice in place of another', [1, 1, 3]],
  ])('ends the run if %s', (_, numbers) => {
    expect(() => mustBeWhole(tallyOf(numbers), 3, 'here')).toThrow(/^here: of 3 came/)
  })
})

describe('a ratio', () => {
  test('is taken inside each round, before the median', () => {
    // The machine was three times slower in the second round, for both.
    expect(ratiosOf([100, 30, 90], [100, 33, 100])).toEqual({ least: 0.9, median: 30 / 33, most: 1 })
  })

  test('leaves out rounds that gave no figure', () => {
    expect(ratiosOf([undefined, 50, 100], [100, 100, undefined])).toEqual({ least: 0.5, median: 0.5, most: 0.5 })
  })

  test('of an even number of rounds lies between the two in the middle', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ least: 1, median: 2.5, most: 4 })
  })
})

test('figures are shown with as many digits as they deserve', () => {
  expect([0.12345, 1, 12.345, 12_345.6, Number.NaN, undefined].map(show)).toEqual([
    '0.123',
    '1.00',
    '12.3',
    '12,346',
    '–',
    '–',
  ])
})

test('a table is one of Markdown', () => {
  const table = { title: 'Send', note: 'As fast as it goes.', head: ['library', '/s'], rows: [['bare', '30,000']] }
  expect(inMarkdown(table)).toBe(
    '### Send\n\nAs fast as it goes.\n\n| library | /s |\n| --- | ---: |\n| bare | 30,000 |\n',
  )
})

test('a picture follows light and dark, and says in words what it shows', () => {
  const values = new Map([['bare', { least: 0.9, median: 1, most: 1.1 }]])
  const svg = drawBars({
    title: 'Cost',
    libraries: ['bare', 'holdfast'],
    ours: ['holdfast'],
    columns: [{ title: 'sent', values }],
    mark: 1,
  })
  expect(svg).toContain('<title>Cost. sent: bare 1.00.</title>')
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg).toContain('var(--ink)')
  expect(svg).not.toContain('#00000')
})
