/**
 * `npm run soak`: 300 clients under random faults for ten minutes.
 *
 *   --minutes N   how long (10)
 *   --clients N   how many (300)
 *   --seed N      repeats a run
 */
import { parseArgs } from 'node:util'
import { soak } from './soak.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
console.log(`${values.clients} clients, ${values.minutes} minutes of faults, seed ${values.seed}`)
const { before, after, sent, resumed, violations } = await soak({
  clients: Number(values.clients),
  forMs: Number(values.minutes) * 60_000,
  seed: Number(values.seed),
})
console.table({ before, after })
console.log(`${sent} messages, ${resumed} resumes`)
for (const violation of violations) console.error(`✗ ${violation}`)
console.log(violations.length === 0 ? '✓ flat, and nothing lost' : '✗ see above')
process.exitCode = violations.length === 0 ? 0 : 1
