/**
 * `npm run size`: what people pay for, minified by esbuild and as gzip -9, from the build in dist.
 *
 *   --json    as JSON instead of a table
 *
 * Ends with exit code 1 if one is over its budget.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.mjs'

/** In bytes of gzip. `budget` is held, `goal` is printed. What the page needs is included, `ws` of the server is not. */
const entries = [
  { name: 'connect', script: () => bundle(`export { connect } from 'holdfast'`), budget: 10190, goal: 5000 },
  {
    name: 'connect with resumable',
    script: () => bundle(`export { connect } from 'holdfast'; export { resumable } from 'holdfast/resume'`),
    budget: 12195,
    goal: 6800,
  },
  { name: 'holdfast, all of it', script: () => bundle(`export * from 'holdfast'`), budget: 10265 },
  { name: 'holdfast.umd.min.js', script: () => readFile('dist/holdfast.umd.min.js', 'utf8'), budget: 10030 },
  { name: 'holdfast/server', script: () => bundle(`export { createServer } from 'holdfast/server'`), budget: 16000 },
]

if (!existsSync('dist')) {
  console.error('There is nothing to measure: run npm run build first.')
  process.exit(1)
}

const sizes = await Promise.all(
  entries.map(async ({ name, script, budget, goal }) => {
    const code = Buffer.from(await script())
    const gzip = gzipSync(code, { level: 9 }).length
    return { name, minified: code.length, gzip, budget, ...(goal && { goal }), ok: gzip <= budget }
  }),
)

const gzipOf = (/** @type {string} */ name) => sizes.find((size) => size.name === name)?.gzip ?? 0
const resumable = gzipOf('connect with resumable') - gzipOf('connect')
sizes.push({ name: 'resumable, over connect', minified: 0, gzip: resumable, budget: 2000, ok: resumable <= 2000 })

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
if (values.json) console.log(JSON.stringify(sizes, null, 2))
else console.table(Object.fromEntries(sizes.map(({ name, ...size }) => [name, size])))

for (const { name, gzip, budget, ok } of sizes) {
  if (!ok) console.error(`${name} is ${gzip - budget} bytes over its budget of ${budget}.`)
}
if (sizes.some(({ ok }) => !ok)) process.exitCode = 1
