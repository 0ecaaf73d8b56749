/** docs/guide/wss.md says which address is dialled. */
import { readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { normalise } from '../../src/core/client/options.js'
import { browserEnvironment } from '../../src/core/platform/browser.js'
import { InvalidOption } from '../../src/index.js'
import { rowsOf } from './support.js'

afterEach(() => vi.unstubAllGlobals())

const [head = [], ...rows] = rowsOf(
  /^\| you write \|[\s\S]*?\n\n/m.exec(readFileSync('docs/guide/wss.md', 'utf8'))?.[0] ?? '',
)
const pages = head.slice(1).map((cell) => cell.replace('on ', ''))
const cases = rows.flatMap(([written = '', ...dialled]) =>
  dialled.map((address, at) => ({ written, page: pages[at] ?? '', address })),
)

test('the table has what there is to know', () => {
  expect(cases.length).toBeGreaterThan(14)
})

test.each(cases)('$written on $page: $address', ({ written, page, address }) => {
  vi.stubGlobal('document', { baseURI: page })
  const environment = browserEnvironment()
  if (address.startsWith('throws')) expect(() => normalise(written, {}, environment)).toThrow(InvalidOption)
  else expect(environment.resolveUrl(written)).toBe(address)
})

test('an address has to be absolute where there is no page', () => {
  expect(() => normalise('/ws', {}, browserEnvironment())).toThrow(InvalidOption)
})
