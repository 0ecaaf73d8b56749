import fc from 'fast-check'
import { commands, stepsTaken } from './commands.js'
import { createWorld } from './world.js'

/** Runs the model from one seed until so many steps are taken. Throws with the shortest counterexample. */
export async function runModel(seed: number, steps: number): Promise<number> {
  const begin = stepsTaken()
  for (let round = 0; stepsTaken() - begin < steps; round++) {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), commands, async (isHandedOver, some) => {
        const world = await createWorld(isHandedOver)
        await fc.asyncModelRun(() => ({ model: {}, real: world }), some)
        const found = await world.finish()
        if (found.length > 0) throw new Error(found.slice(0, 5).join('\n'))
      }),
      { seed: seed + round, numRuns: 20, endOnFailure: false },
    )
  }
  return stepsTaken() - begin
}
