/** What may have another name in the built files: scripts/internal-names.mjs. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { internalNames } from '../scripts/internal-names.mjs'

const names = new Set(Object.keys(internalNames))
const src = path.resolve('src') + path.sep

const wordsOf = (text: string): readonly string[] => text.match(/[A-Za-z_$][\w$]*/g) ?? []
const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\//gs, '')

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, path.resolve('.'))
const program = ts.createProgram(
  fileNames.filter((file) => path.resolve(file).startsWith(src)),
  options,
)
const checker = program.getTypeChecker()
const sources = program.getSourceFiles().filter((file) => path.resolve(file.fileName).startsWith(src))

/** The member that an identifier names: `a.name`, `{ name: … }`, `const { name } = a`. */
function memberOf(node: ts.Identifier): ts.Symbol | undefined | 'none' {
  const { parent } = node
  if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) {
    if ((parent.propertyName ?? parent.name) !== node) return 'none'
    return checker.getTypeAtLocation(parent.parent).getProperty(node.text)
  }
  const isMember =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isTypeElement(parent) || ts.isClassElement(parent) || ts.isObjectLiteralElement(parent)) &&
      parent.name === node)
  return isMember ? checker.getSymbolAtLocation(node) : 'none'
}

/** Each use of an inner name as a member, and where that member is declared. */
const uses: { readonly name: string; readonly at: string; readonly declaredIn: readonly string[] }[] = []
/** Names of members that are looked up by a text. */
const byText = new Set<string>()
const members = new Set<string>()

const visit = (node: ts.Node): void => {
  if (ts.isIdentifier(node)) {
    const member = memberOf(node)
    if (member !== 'none') members.add(node.text)
    if (member !== 'none' && names.has(node.text)) {
      const declaredIn = (member?.declarations ?? []).map((declaration) =>
        path.relative('.', declaration.getSourceFile().fileName),
      )
      uses.push({ name: node.text, at: path.relative('.', node.getSourceFile().fileName), declaredIn })
    }
  }
  const { parent } = node
  const isLookUp =
    (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) ||
    (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InKeyword && parent.left === node)
  if (isLookUp && ts.isStringLiteralLike(node)) byText.add(node.text)
  ts.forEachChild(node, visit)
}
for (const file of sources) ts.forEachChild(file, visit)

test('an inner name is in use, and has a letter of its own that nothing else has', () => {
  const letters = Object.values(internalNames)
  expect([...names].filter((name) => !uses.some((use) => use.name === name))).toEqual([])
  expect(new Set(letters).size).toBe(letters.length)
  expect(letters.filter((letter) => !/^[a-zA-Z]$/.test(letter) || members.has(letter))).toEqual([])
})

test('an inner name is one of ours wherever it is used: not of the platform, not of the wire, not looked up by text', () => {
  const isOurs = (file: string): boolean => file.startsWith('src/') && !file.startsWith('src/protocol/')
  expect(uses.filter(({ declaredIn }) => !declaredIn.length || !declaredIn.every(isOurs))).toEqual([])
  expect([...names].filter((name) => byText.has(name))).toEqual([])
})

test('what explain() shows is no inner name', () => {
  const [, state = ''] =
    /export type State =(.*?)\n\n/s.exec(readFileSync('src/core/connection/state.ts', 'utf8')) ?? []
  const shown = wordsOf(withoutComments(state))
  expect(shown).toContain('stableAt')
  expect(shown.filter((word) => names.has(word))).toEqual([])
})

test('the built types have none of them', () => {
  const types = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((file) => /\.d\.c?ts$/.test(file))
  expect(types.length).toBeGreaterThan(8)
  for (const file of types) {
    const words = wordsOf(withoutComments(readFileSync(path.join('dist', file), 'utf8')))
    expect(
      words.filter((word) => names.has(word)),
      file,
    ).toEqual([])
  }
})
