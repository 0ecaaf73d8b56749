/** What all documents have in common: commands that run, and links that lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { menu } from '../../docs/.vitepress/menu.js'
import manifest from '../../package.json' with { type: 'json' }
import { PARTS } from '../chaos/options.js'
import { SCENARIOS } from '../chaos/scenarios.js'
import { DOCUMENTS, PAGES } from './support.js'

/** Without the reference, which is made when the site is built. */
const inMenu = menu
  .flatMap(({ entries }) => entries.map(([, file]) => file))
  .filter((file) => !file.startsWith('docs/reference/'))

describe('the commands', () => {
  const STEPS = [...readFileSync('scripts/test.mjs', 'utf8').matchAll(/\{ name: '(\w+)'/g)].map(([, name = '']) => name)
  const scenarios = SCENARIOS.map(({ name }) => name)

  test.each(DOCUMENTS)('in %s are scripts that there are', (document) => {
    const named = [...readFileSync(document, 'utf8').matchAll(/`npm (?!install|pack)(?:run )?(\w+)/g)]
    expect(named.map(([, script = '']) => script).filter((script) => !(script in manifest.scripts))).toEqual([])
  })

  const commandsOf = (document: string): string[] =>
    [...readFileSync(document, 'utf8').matchAll(/npm (?:run chaos|test) -- [^`\n]+/g)].map(([command]) => command)

  test.each(DOCUMENTS.filter((document) => commandsOf(document).length > 0))(
    'in %s have scenarios, parts and steps that there are',
    (document) => {
      const unknown = commandsOf(document).filter((command) => {
        const [, quoted, bare] = /--scenario (?:"(.+?)"|(\w+))/.exec(command) ?? []
        const scenario = quoted ?? bare
        const [, only] = /--only ([\w,]+)/.exec(command) ?? []
        const known: readonly string[] = command.startsWith('npm test') ? STEPS : PARTS
        const isKnown = only === undefined || only.split(',').every((name) => known.includes(name))
        return (scenario !== undefined && !scenarios.includes(scenario)) || !isKnown
      })
      expect(unknown).toEqual([])
    },
  )
})

/** Where the links and pictures of a document lead, without what is commented out. */
const linksOf = (document: string): string[] => {
  const text = readFileSync(document, 'utf8').replaceAll(/<!--[\s\S]*?-->/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
}

const targetOf = (document: string, file: string): string =>
  file === '' ? document : path.posix.join(path.posix.dirname(document), file)

describe.each(DOCUMENTS)('%s', (document) => {
  /** As GitHub makes them from headings. */
  const anchorsOf = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

  test('has no dead links', () => {
    const dead = linksOf(document)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#')
        const target = targetOf(document, file)
        return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
      })
    expect(dead).toEqual([])
  })
})

test('every document and every picture can be found from another document', () => {
  const found = DOCUMENTS.flatMap((document) =>
    linksOf(document).map((link) => targetOf(document, link.split('#')[0] ?? '')),
  )
  const there = [...DOCUMENTS, ...readdirSync('docs/images').map((file) => `docs/images/${file}`)]
  const listed = ['README.md', 'docs/index.md', ...inMenu]
  expect(there.filter((file) => !listed.includes(file) && !found.includes(file))).toEqual([])
})

describe('the menu', () => {
  test('has every page', () => {
    expect(PAGES.filter((page) => page !== 'docs/index.md' && !inMenu.includes(page))).toEqual([])
  })

  test('has only pages that there are, each once', () => {
    expect(inMenu.filter((file) => !DOCUMENTS.includes(file))).toEqual([])
    expect(inMenu.filter((file, i) => inMenu.indexOf(file) < i)).toEqual([])
  })
})
