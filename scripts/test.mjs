/**
 * `npm test`: every check there is, one after another, with a summary at the end. A failed step does not stop the next,
 * unless that needs what the first should have made.
 *
 *   --only unit    only this step; may be given more than once
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** Nothing here takes a third of it; it ends what hangs. */
const STEP_LIMIT_MS = 15 * 60_000
const RESULTS = 'test-results'

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ name: string, run: () => Counts, needs?: string }} Step
 */

/** @param {string} command */
const succeeds = (command) => {
  console.log(`> ${command}`)
  // A shell finds the tools of node_modules/.bin, which npm puts on the PATH, on every system.
  return spawnSync(command, { shell: true, stdio: 'inherit', timeout: STEP_LIMIT_MS }).status === 0
}

/**
 * A command that passes or fails as a whole.
 * @param {string} line
 */
const command = (line) => () => {
  const ok = succeeds(line)
  return { passed: Number(ok), failed: Number(!ok), skipped: 0 }
}

/**
 * A script of package.json.
 * @param {string} script
 */
const npmRun = (script) => command(`npm run ${script} --silent`)

/**
 * A folder's project of vitest.config.ts, or the several that it has; tests count one by one.
 * @param {string} folder
 * @param {string} [options]
 */
const vitest =
  (folder, options = '') =>
  () => {
    const report = `${RESULTS}/${folder}.json`
    const reporters = `--reporter=default --reporter=json --outputFile.json=${report}`
    const ok = succeeds(`vitest run --project "${folder}*" ${reporters} ${options}`)
    const { passed, failed, skipped } = readReport(report)
    // A crash, a file without tests or too little coverage fails although no test did.
    return { passed, failed: ok ? failed : Math.max(failed, 1), skipped }
  }

/** @param {string} file */
const readReport = (file) => {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/** The short run of `npm run chaos`; its scenarios count one by one. */
const chaos = () => {
  const report = `${RESULTS}/chaos.json`
  const ok = succeeds(`tsx test/chaos/run.ts --quick --report ${report}`)
  const { passed, failed, skipped } = readCounts(report)
  return { passed, failed: ok ? failed : Math.max(failed, 1), skipped }
}

/**
 * @param {string} file
 * @returns {Counts}
 */
const readCounts = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/** @type {Step[]} */
const steps = [
  { name: 'build', run: npmRun('build') },
  { name: 'lint', run: npmRun('lint') },
  { name: 'unused', run: npmRun('unused') },
  { name: 'typecheck', run: npmRun('typecheck'), needs: 'build' },
  { name: 'exports', run: npmRun('exports'), needs: 'build' },
  { name: 'size', run: npmRun('size'), needs: 'build' },
  { name: 'unit', run: vitest('unit', '--coverage') },
  { name: 'chaos', run: chaos },
  { name: 'soak', run: command('node --expose-gc --import tsx test/soak/run.ts --minutes 1') },
  { name: 'browser', run: vitest('browser'), needs: 'build' },
  {
    // It proves that the benchmark runs and counts right; the figures of one short round say nothing.
    name: 'bench',
    run: command('tsx bench/run.ts --quick --only size --only chromium --peers bare,holdfast,holdfast-resumable'),
    needs: 'build',
  },
  { name: 'interop', run: vitest('interop'), needs: 'build' },
  { name: 'drop-in', run: vitest('drop-in'), needs: 'build' },
  { name: 'frameworks', run: vitest('frameworks'), needs: 'build' },
  { name: 'site', run: vitest('site'), needs: 'build' },
  { name: 'packaging', run: vitest('packaging'), needs: 'build' },
]

/** @param {Counts} counts */
const inWords = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** @param {number} start */
const secondsSince = (start) => `${((Date.now() - start) / 1000).toFixed(1)} s`

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const unknown = values.only?.filter((name) => !steps.some((step) => step.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}: there are ${steps.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

rmSync(RESULTS, { recursive: true, force: true })
mkdirSync(RESULTS)

/** @type {Map<string, Counts & { time: string }>} */
const results = new Map()
const start = Date.now()
for (const { name, run, needs } of steps) {
  if (values.only && !values.only.includes(name)) continue
  const stepStart = Date.now()
  console.log(`\n━━ ${name}`)
  const blocked = needs !== undefined && (results.get(needs)?.failed ?? 0) > 0
  if (blocked) console.log(`Not run, because ${needs} failed.`)
  const counts = blocked ? { passed: 0, failed: 1, skipped: 0 } : run()
  results.set(name, { ...counts, time: secondsSince(stepStart) })
}

console.log(`\n━━ summary, after ${secondsSince(start)}`)
const total = { passed: 0, failed: 0, skipped: 0 }
for (const [name, { time, ...counts }] of results) {
  console.log(`${counts.failed > 0 ? '✗' : '✓'} ${name.padEnd(10)} ${time.padStart(8)}  ${inWords(counts)}`)
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped
}
if (total.failed > 0) process.exitCode = 1
console.log(inWords(total))
