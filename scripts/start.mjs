/** `npm start`: builds the library if it is older than its source, and runs the demo with the arguments given. */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { register } from 'tsx/esm/api'

/** @param {string} file */
const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

const sources = [
  'package.json',
  'rollup.config.mjs',
  ...readdirSync('src', { recursive: true }).map((file) => `src/${file}`),
]

// The script for the script tag is the last file that a build writes.
if (modified('dist/holdfast.umd.min.js') < Math.max(...sources.map(modified))) {
  console.log('Building the library …')
  const build = spawnSync('npm', ['run', 'build', '--silent'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (build.status !== 0) process.exit(1)
}

console.log('Starting the demo …')
register()
await import('../demo/server/main.js')
