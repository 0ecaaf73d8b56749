/**
 * `npm run chaos`: real sockets, real faults, and a count of every message. See docs/chaos.md.
 *
 *   --only node,chromium,peers,controls   parts to run; default all
 *   --scenario NAME                       only this one; may be given more than once
 *   --seed N                              the same storms again; default: another one each time
 *   --seconds N  --messages N             length of each storm, and messages each way in it; default 20 and 250 a second
 *   --steps N                             the model test alone (test/model), in virtual time, for so many steps
 *   --quick                               a few seconds in all, in Node: what `npm test` runs
 *   --picture                             the side-by-side run alone, and the picture of it for the README
 *   --report FILE                         counts of passed and failed, as JSON
 *
 * Ends with exit code 1 if a message was lost, came twice or out of order and nobody said so; or if a control that must
 * fail does not.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runModel } from '../model/model.js'
import { inChromium, inFreezingChromium } from './chromium-page.js'
import { CONTROLS, type Control } from './controls.js'
import { inNode } from './node-page.js'
import { readOptions } from './options.js'
import { draw } from './picture.js'
import { inPool } from './pool.js'
import { QUICK_SCENARIOS, SCENARIOS, type Scenario } from './scenarios.js'
import { CONTENDERS, compare, STORMS } from './side-by-side.js'
import { table } from './table.js'
import { type Outcome, type Place, type Plan, runTrial } from './trial.js'

/** Scenarios at a time. They mostly wait. */
const AT_ONCE = 5
const EVERY_MS = 300
/** How long after a storm everything may take to be there, in ms; what is broken on purpose never is. */
const PATIENCE_MS = 15_000
const CONTROL_PATIENCE_MS = 2_000
/** A control is given time to fail. */
const CONTROL_MS = 8_000
const PICTURE = fileURLToPath(new URL('../../docs/images/side-by-side.svg', import.meta.url))

const options = readOptions(process.argv.slice(2))
const counts = { passed: 0, failed: 0, skipped: 0 }
const plan: Plan = {
  seed: options.seed,
  messages: options.messages,
  everyMs: EVERY_MS,
  forMs: options.forMs,
  patienceMs: PATIENCE_MS,
}

/** Prints a line for each thing that has an end, good or bad. */
function count(name: string, faults: readonly string[]): void {
  if (faults.length === 0) counts.passed++
  else counts.failed++
  console.log(`${faults.length === 0 ? '✓' : '✗'} ${name}`)
  for (const fault of faults.slice(0, 10)) console.log(`    ${fault}`)
}

const isWanted = ({ name }: { readonly name: string }): boolean => options.scenarios?.has(name) ?? true

const scenarioOf = (name: string): Scenario => {
  const scenario = SCENARIOS.find((scenario) => scenario.name === name)
  if (!scenario) throw new Error(`There is no scenario ${name}.`)
  return scenario
}

async function runScenarios(place: Place, scenarios: readonly Scenario[]): Promise<Outcome[]> {
  const outcomes = await inPool(scenarios, AT_ONCE, async (scenario) => {
    const name = `${scenario.name}, in ${place.name}`
    try {
      const outcome = await runTrial(scenario, place, plan)
      count(name, outcome.faults)
      return [outcome]
    } catch (error) {
      count(name, [String(error)])
      return []
    }
  })
  await place.close()
  return outcomes.flat()
}

async function runNode(): Promise<void> {
  const known = options.isQuick ? SCENARIOS.filter(({ name }) => QUICK_SCENARIOS.has(name)) : SCENARIOS
  const scenarios = known.filter((scenario) => isWanted(scenario) && !scenario.needsFreezing)
  console.log(`\n${table((await runScenarios(inNode(), scenarios)).map(rowOf))}\n`)
}

async function runChromium(): Promise<void> {
  const scenarios = SCENARIOS.filter(isWanted)
  const awake = scenarios.filter(({ needsFreezing }) => !needsFreezing)
  const freezing = scenarios.filter(({ needsFreezing }) => needsFreezing)
  const outcomes = awake.length > 0 ? await runScenarios(await inChromium(), awake) : []
  if (freezing.length > 0) outcomes.push(...(await runScenarios(await inFreezingChromium(), freezing)))
  console.log(`\n${table(outcomes.map(rowOf))}\n`)
}

const rowOf = (outcome: Outcome) => ({
  scenario: outcome.scenario,
  lost: outcome.lost,
  twice: outcome.twice,
  'out of order': outcome.outOfOrder,
  dropped: outcome.dropped,
  unknown: outcome.unknown,
  gaps: outcome.gaps,
  'missing in them': outcome.missing,
  resumes: outcome.resumes,
  'sessions lost': outcome.lostSessions,
  servers: outcome.servers,
  's after the storm': outcome.settledAfterMs / 1000,
})

async function runControls(): Promise<void> {
  const outcomes = await inPool(CONTROLS.filter(isWanted), AT_ONCE, async (control: Control) => {
    const forMs = Math.max(plan.forMs, CONTROL_MS)
    const outcome = await runTrial(scenarioOf(control.scenario), inNode(control.page), {
      ...plan,
      forMs,
      messages: Math.round((plan.messages * forMs) / plan.forMs),
      ...control.parts,
      patienceMs: CONTROL_PATIENCE_MS,
    })
    const hasFailed = control.signs.some((sign) => outcome[sign] > 0)
    count(
      `${control.name} it must fail`,
      hasFailed ? [] : [`nothing ${control.signs.join(', ')}: ${outcome.faults.join('; ')}`],
    )
    return { control, outcome }
  })
  const rows = outcomes.map(({ control, outcome: { scenario, lost, twice, phantoms } }) => ({
    control: control.name,
    scenario,
    lost,
    twice,
    'arrived though dropped': phantoms,
  }))
  console.log(`\n${table(rows)}\n`)
}

async function runPeers(): Promise<void> {
  const duels = STORMS.map(scenarioOf).flatMap((scenario) => CONTENDERS.map((contender) => ({ scenario, contender })))
  const comparisons = await inPool(duels, AT_ONCE, ({ scenario, contender }) => compare(contender, scenario, plan))
  const rows = comparisons.map(({ scenario, library, up, down, doubted, reconnects, recovered }) => ({
    scenario,
    library,
    'up: lost': up.lost,
    twice: up.twice,
    disorder: up.outOfOrder,
    'down: lost': down.lost,
    'twice ': down.twice,
    'disorder ': down.outOfOrder,
    doubted,
    reconnects,
    recovered: recovered ?? '',
  }))
  console.log(`\n${table(rows)}\n`)
  for (const { scenario, library, up, down } of comparisons) {
    if (!library.endsWith('resumable')) continue
    const faults = Object.entries({ up, down }).flatMap(([direction, { lost, twice, outOfOrder }]) =>
      lost + twice + outOfOrder > 0 ? [`${direction}: ${lost} lost, ${twice} twice, ${outOfOrder} out of order`] : [],
    )
    count(`${scenario}, ${library}`, faults)
  }
  if (options.picture) await writeFile(PICTURE, draw(comparisons, plan.messages))
}

console.log(`Seed ${plan.seed}: \`npm run chaos -- --seed ${plan.seed}\` brings the same storms again.`)
if (options.steps) {
  const steps = await runModel(options.seed, options.steps)
  console.log(`✓ ${steps} steps, and no promise was broken`)
  process.exit()
}
console.log(`${plan.messages} messages each way in ${plan.forMs / 1000} s, a fault every ${EVERY_MS} ms.\n`)
const start = performance.now()
if (options.parts.has('node')) await runNode()
if (options.parts.has('chromium')) await runChromium()
if (options.parts.has('controls')) await runControls()
if (options.parts.has('peers')) await runPeers()
const seconds = ((performance.now() - start) / 1000).toFixed(0)
console.log(`${counts.passed} passed, ${counts.failed} failed, after ${seconds} s`)
if (options.report) await writeFile(options.report, JSON.stringify(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
