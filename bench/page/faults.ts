/** The tasks about faults and memory. */
import { cuts } from './cuts.js'
import { memory } from './memory.js'
import { reconnects } from './reconnects.js'
import { recovery } from './recovery.js'

export const FAULT_TASKS = { recovery, cuts, memory, reconnects }

export type FaultTaskName = keyof typeof FAULT_TASKS
export type FaultArguments<Name extends FaultTaskName> = Parameters<(typeof FAULT_TASKS)[Name]>[1]
export type FaultResult<Name extends FaultTaskName> = Awaited<ReturnType<(typeof FAULT_TASKS)[Name]>>
