/**
 * Runs that must fail: each with one part of holdfast taken out, from the outside. They show that the part is needed, and
 * that the run would notice if it were broken.
 */
import { createKeeper } from '../../src/addons/resume/keeper.js'
import type { SessionLink } from '../../src/core/session/plugin.js'
import type { ConnectOptions } from '../../src/index.js'
import { memoryHistory } from '../../src/server/index.js'
import type { Plan } from './trial.js'
import { createUnfencedServer } from './unfenced-server.js'

export interface Control {
  readonly name: string
  /** The scenario that passes with the part. */
  readonly scenario: string
  readonly page?: ConnectOptions
  readonly parts?: Pick<Plan, 'stores' | 'makeServer'>
  /** How it must fail: in one of these ways. */
  readonly signs: readonly ('lost' | 'twice' | 'phantoms')[]
}

/** A page whose replay buffer has forgotten what it held: what is written again has its number, and nothing in it. */
const forgetfulPage = (link: SessionLink) => {
  const keeper = createKeeper(link)
  let written = 0
  return Object.create(keeper, {
    frame: {
      value(...[data, isVolatile]: Parameters<typeof keeper.frame>) {
        const number = Number.parseInt(String(keeper.frame('', isVolatile)), 10)
        const isAgain = number > 0 && number <= written
        written = Math.max(written, number)
        return keeper.frame(isAgain ? '' : data, isVolatile)
      },
    },
  })
}

const history = memoryHistory()

export const CONTROLS: readonly Control[] = [
  {
    name: 'without memory of requests',
    scenario: 'dead reply, restart',
    parts: { stores: () => ({ history, dedupe: { claim: () => undefined, set() {}, release() {} } }) },
    signs: ['twice'],
  },
  { name: 'without a replay buffer', scenario: 'cut after a hole', page: { session: forgetfulPage }, signs: ['lost'] },
  {
    name: 'without fencing',
    scenario: 'late frames, impatient page',
    parts: { makeServer: createUnfencedServer },
    signs: ['lost', 'twice', 'phantoms'],
  },
]
