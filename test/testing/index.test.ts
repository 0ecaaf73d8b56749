import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'

/** A bundle for a page that imports one name of the fault kit. */
const bundle = async (name: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${name} } from './src/testing/index.js'\nconsole.log(${name})`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    external: ['node:*', 'ws'],
    write: false,
  })
  return outputFiles.map(({ text }) => text).join('')
}

const IMPORT = /^import .*"(node:\w+|ws)/m

describe('in a bundle for a page', () => {
  test.each(['fakeEnvironment', 'FakeWebSocket', 'createChecker', 'seededRandom'])(
    '%s imports nothing of Node',
    async (name) => {
      const code = await bundle(name)
      expect(code).toContain(name)
      expect(code).not.toMatch(IMPORT)
    },
  )

  test('the proxy does, which shows that one would be seen', async () => {
    expect(await bundle('createFaultProxy')).toMatch(IMPORT)
  })
})
