/** Reads the words and the code, so that tests can hold one against the other. */
import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect } from 'vitest'

export const DOCUMENTS = [
  'README.md',
  'README.zh-CN.md',
  'PROTOCOL.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/^(reference|\.vitepress)\b/.test(file))
    .map((file) => `docs/${file.replaceAll('\\', '/')}`),
]

/** Those that are pages of the manual. */
export const PAGES = DOCUMENTS.filter((document) => document.startsWith('docs/'))

export const readme = readFileSync('README.md', 'utf8')

/** The text below a heading, up to the next one of its level. */
export const sectionOf = (title: string): string =>
  readme.split(/^## /m).find((section) => section.startsWith(title)) ?? ''

/** Rows of the tables in a text, without their heads; cells without backticks and stars. */
export const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\|(.+)\|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.replaceAll(/[`*]/g, '').trim()))
    .filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)))

export const bodyOf = (title: string): string[][] => rowsOf(sectionOf(title)).slice(1)

export const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code)

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)

/** Names of the members of an interface in a file. */
export const membersOf = (name: string, file = 'src/core/client/public.ts'): string[] => {
  const members = parse(file)
    .statements.filter((statement) => ts.isInterfaceDeclaration(statement))
    .filter((declaration) => declaration.name.text === name)
    .flatMap((declaration) => declaration.members.map((member) => member.name?.getText() ?? ''))
  expect(members, `${name} in ${file}`).not.toEqual([])
  return members
}

/** The texts of a type in a file that is a choice between texts. */
export const choicesOf = (name: string, file: string): string[] => {
  const choices = parse(file)
    .statements.filter((statement) => ts.isTypeAliasDeclaration(statement))
    .filter((declaration) => declaration.name.text === name)
    .flatMap(({ type }) => [...type.getText().matchAll(/'([\w-]+)'/g)].map(([, choice = '']) => choice))
  expect(choices, `${name} in ${file}`).not.toEqual([])
  return choices
}

/** Names in a text: the first word of what stands in backticks. */
export const namedIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => /[\w-]+/.exec(code)?.[0] ?? ''))
