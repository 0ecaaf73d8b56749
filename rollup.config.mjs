import { readdirSync, readFileSync, rmSync } from 'node:fs'
import terser from '@rollup/plugin-terser'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

/** One build for all subpaths, so that they share chunks: an error class must be the same object in each. */
const input = {
  index: 'src/index.ts',
  ...Object.fromEntries(readdirSync('src/addons').map((addon) => [addon, `src/addons/${addon}/index.ts`])),
  server: 'src/server/index.ts',
  testing: 'src/testing/index.ts',
}

/** A folder of src/cli is a command. */
const commands = Object.fromEntries(
  readdirSync('src/cli', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [name, `src/cli/${name}/main.ts`]),
)

/** Of Node, or of the app's own. */
const external = [/^node:/, 'ws', 'react', 'vue', /^svelte/, '@msgpack/msgpack', 'tsx/esm/api']

/** @param {string} extension */
const files = (extension) => ({
  dir: 'dist',
  entryFileNames: `[name].${extension}`,
  chunkFileNames: `chunks/[name].${extension}`,
})

/** Apart from the fakes, so that a bundle for a page that wants only these has no import of Node. */
const apart = {
  onlyExplicitManualChunks: true,
  /** @param {string} id */
  manualChunks: (id) => /testing.(random|fault-proxy|test-pair)\.ts$/.exec(id)?.[1],
  hoistTransitiveImports: false,
}

/**
 * Hooks belong to the page: with this, what a server renders may import a file that imports them.
 * @param {import('rollup').RenderedChunk} chunk
 */
const banner = ({ isEntry, name }) => (isEntry && name === 'react' ? "'use client';" : '')

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

const code = () => esbuild({ target: 'es2022', define: { HOLDFAST_VERSION: JSON.stringify(version) } })

const emptyDist = { name: 'empty-dist', buildStart: () => rmSync('dist', { recursive: true, force: true }) }

/** @type {import('rollup').RollupOptions[]} */
export default [
  {
    input,
    external,
    plugins: [emptyDist, code()],
    output: [
      { ...files('js'), ...apart, banner, format: 'es', sourcemap: true },
      { ...files('cjs'), ...apart, banner, format: 'cjs', sourcemap: true },
    ],
  },
  {
    input,
    external,
    plugins: [dts()],
    output: [
      { ...files('d.ts'), format: 'es' },
      { ...files('d.cts'), format: 'es' },
    ],
  },
  {
    input: commands,
    external,
    plugins: [code()],
    output: { ...files('js'), dir: 'dist/cli', format: 'es', sourcemap: true },
  },
  {
    input: 'src/umd.ts',
    plugins: [code()],
    output: [
      { file: 'dist/holdfast.umd.js', format: 'umd', name: 'Holdfast', sourcemap: true },
      { file: 'dist/holdfast.umd.min.js', format: 'umd', name: 'Holdfast', sourcemap: true, plugins: [terser()] },
    ],
  },
]
