/** A page: asks the driver for one task after another, runs it with its library, and says what came out. */
import type { Peer } from '../peers/peer.js'
import { type Context, openControl } from './context.js'
import { FAULT_TASKS, type FaultTaskName } from './faults.js'
import { flush } from './flush.js'
import { inFlight, serial } from './requests.js'
import { receive, send } from './throughput.js'

const TASKS = { send, receive, serial, inFlight, flush }

/** What the driver asks for, and what there is to do for a page. */
export type TaskName = keyof typeof TASKS
export type TaskArguments<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[1]
export type TaskResult<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>

export interface Task {
  readonly name: TaskName | FaultTaskName
  readonly args: unknown
  /** Addresses of the server of the library's wire, and of its control. */
  readonly url: string
  readonly controlUrl: string
}

/** What a page says of itself when it asks for a task. */
export type About = Pick<Peer, 'name' | 'package' | 'host'>

/** What a page posts. */
export type Outcome = { readonly result: unknown } | { readonly error: string }

/** A browser that has just opened a page is still busy with itself: it readies a process for the next one. */
const SETTLE_MS = 400

/** Never returns: the driver closes the page. */
export async function run(peer: Peer): Promise<never> {
  const about = { name: peer.name, package: peer.package, host: peer.host }
  const page = new URLSearchParams(location.search).get('page')
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`/${path}?page=${page}`, { method: 'POST', body: JSON.stringify(body) })
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  for (;;) {
    const task: Task = await (await post('task', about)).json()
    const context: Context = {
      peer,
      url: task.url,
      control: () => openControl(task.controlUrl),
      async mark(name) {
        await post('mark', name)
      },
    }
    let outcome: Outcome
    try {
      outcome = { result: await { ...TASKS, ...FAULT_TASKS }[task.name](context, task.args as never) }
    } catch (error) {
      outcome = { error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) }
    }
    await post('outcome', outcome)
  }
}
