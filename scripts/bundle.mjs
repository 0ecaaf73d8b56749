import { build } from 'esbuild'

/**
 * A script as an app's bundler would make it for production: minified, Node and the packages of others left out.
 * @param {string} contents of an app that uses a library
 */
export const bundle = async (contents) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*', 'ws', 'react', 'vue', 'svelte', '@msgpack/msgpack'],
    logLevel: 'error',
    write: false,
  })
  return outputFiles.map(({ text }) => text).join('')
}
