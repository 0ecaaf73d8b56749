import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'

const home = mkdtempSync(path.join(tmpdir(), 'holdfast-release-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const read = (file: string): string => readFileSync(path.join(home, file), 'utf8')

test('a changeset becomes a version, on top of the changelog', () => {
  for (const file of ['package.json', 'CHANGELOG.md', '.changeset']) {
    cpSync(file, path.join(home, file), { recursive: true })
  }
  for (const file of readdirSync(path.join(home, '.changeset'))) {
    if (file.endsWith('.md') && file !== 'README.md') rmSync(path.join(home, '.changeset', file))
  }
  writeFileSync(path.join(home, '.changeset/news.md'), "---\n'holdfast': minor\n---\n\nSomething new.\n")
  const before = read('CHANGELOG.md')
  const { version } = JSON.parse(read('package.json'))
  execFileSync('git', ['init', '--quiet'], { cwd: home })
  execFileSync(process.execPath, [path.resolve('node_modules/@changesets/cli/bin.js'), 'version'], { cwd: home })
  const [major, minor] = version.split('.')
  const next = `${major}.${Number(minor) + 1}.0`
  expect(JSON.parse(read('package.json')).version).toBe(next)
  const [title, ...rest] = before.split('\n\n')
  expect(read('CHANGELOG.md')).toBe(
    `${title}\n\n## ${next}\n\n### Minor Changes\n\n- Something new.\n\n${rest.join('\n\n')}`,
  )
}, 30_000)

test('the workflows run scripts that there are', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const workflows = readdirSync('.github/workflows').map((file) => readFileSync(`.github/workflows/${file}`, 'utf8'))
  const named = workflows.flatMap((text) => [...text.matchAll(/npm (?:run )?([\w:]+)$/gm)].map(([, name]) => name))
  expect(named).toEqual(expect.arrayContaining(['test', 'release:version', 'release:publish']))
  expect(named.filter((name) => name !== 'ci' && !Object.hasOwn(scripts, name ?? ''))).toEqual([])
})
