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

const CONNECT = `export { connect } from 'holdfast'`

/** Of an addon: what it adds to an app that has `connect` already. @param {string} code */
const over = (code) => ({ script: () => bundle(`${CONNECT}; ${code}`), over: () => bundle(CONNECT) })

/**
 * In bytes of gzip. `budget` is held, `goal` is printed. What the page needs is included, packages of others are not.
 * `over`: only what comes on top of this counts.
 * @type {{ name: string, script: () => Promise<string>, over?: () => Promise<string>, budget: number, goal?: number }[]}
 */
const entries = [
  { name: 'connect', script: () => bundle(CONNECT), budget: 10510, goal: 5000 },
  {
    name: 'connect with resumable',
    script: () => bundle(`${CONNECT}; export { resumable } from 'holdfast/resume'`),
    budget: 12500,
    goal: 6800,
  },
  { name: 'holdfast, all of it', script: () => bundle(`export * from 'holdfast'`), budget: 10590 },
  { name: 'holdfast.umd.min.js', script: () => readFile('dist/holdfast.umd.min.js', 'utf8'), budget: 12630 },
  { name: 'holdfast/server', script: () => bundle(`export { createServer } from 'holdfast/server'`), budget: 17790 },
  { name: '+ resume', ...over(`export { resumable } from 'holdfast/resume'`), budget: 2000 },
  { name: '+ websocket', ...over(`export * from 'holdfast/websocket'`), budget: 3000 },
  { name: '+ contract', ...over(`export * from 'holdfast/contract'`), budget: 1300, goal: 600 },
  { name: '+ react', ...over(`export * from 'holdfast/react'`), budget: 900 },
  { name: '+ vue', ...over(`export * from 'holdfast/vue'`), budget: 900 },
  { name: '+ svelte', ...over(`export * from 'holdfast/svelte'`), budget: 900 },
  { name: '+ json-rpc', ...over(`export * from 'holdfast/json-rpc'`), budget: 850, goal: 500 },
  { name: '+ inspector', ...over(`export * from 'holdfast/inspector'`), budget: 16500 },
]

if (!existsSync('dist')) {
  console.error('There is nothing to measure: run npm run build first.')
  process.exit(1)
}

/** @param {string} code */
const gzipOf = (code) => gzipSync(code, { level: 9 }).length

const sizes = await Promise.all(
  entries.map(async ({ name, script, over, budget, goal }) => {
    const code = await script()
    const gzip = gzipOf(code) - (over ? gzipOf(await over()) : 0)
    return { name, minified: Buffer.byteLength(code), gzip, budget, ...(goal && { goal }), ok: gzip <= budget }
  }),
)

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
if (values.json) console.log(JSON.stringify(sizes, null, 2))
else console.table(Object.fromEntries(sizes.map(({ name, ...size }) => [name, size])))

for (const { name, gzip, budget, ok } of sizes) {
  if (!ok) console.error(`${name} is ${gzip - budget} bytes over its budget of ${budget}.`)
}
if (sizes.some(({ ok }) => !ok)) process.exitCode = 1
