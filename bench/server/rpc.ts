/** Calls between the benchmark and its processes, over the channel that Node gives a child. */
import type { ChildProcess } from 'node:child_process'

/** What a call gives: figures by name. */
export type Figures = Readonly<Record<string, number>>

/** What a process does when it is called. */
export type Commands = Readonly<Record<string, (argument: number) => Figures | Promise<Figures>>>

interface Call {
  readonly id: number
  readonly command: string
  readonly argument: number
}

type Reply = { readonly id: number; readonly figures: Figures } | { readonly id: number; readonly error: string }

/** Of an error that no call has brought about. */
const NO_CALL = 0

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const isCall = (value: unknown): value is Call =>
  isObject(value) && typeof value['id'] === 'number' && typeof value['command'] === 'string'

const isReply = (value: unknown): value is Reply =>
  isObject(value) && typeof value['id'] === 'number' && ('figures' in value || 'error' in value)

/** Serves the calls of the parent process, until it lets go. */
export function serve(commands: Commands): void {
  process.on('message', (message) => {
    if (isCall(message)) void answer(commands, message).then((reply) => process.send?.(reply))
  })
  process.on('disconnect', () => process.exit(0))
  // No call waits for what is found between calls, so it ends the process, and with it all calls.
  process.on('uncaughtException', ({ message }) =>
    process.send?.({ id: NO_CALL, error: message }, () => process.exit(1)),
  )
}

async function answer(commands: Commands, { id, command, argument }: Call): Promise<Reply> {
  try {
    const run = commands[command]
    if (!run) throw new Error(`There is no command ${command}.`)
    return { id, figures: await run(argument) }
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** A process that can be called. */
export class Callee {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #open = new Map<number, { resolve(figures: Figures): void; reject(error: Error): void }>()
  #lastId = 0

  constructor(child: ChildProcess, name: string) {
    this.#child = child
    this.#name = name
    child.on('message', (message) => {
      if (isReply(message)) this.#settle(message)
    })
    child.on('exit', () => this.#fail('it has ended'))
  }

  /** Calls it; rejects with its error, or when there is no answer within `limitMs`. */
  async call(command: string, argument = 0, limitMs = 60_000): Promise<Figures> {
    const id = ++this.#lastId
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<Figures>((resolve, reject) => {
        this.#open.set(id, { resolve, reject })
        timer = setTimeout(() => reject(new Error(`${this.#name}: ${command} took more than ${limitMs} ms.`)), limitMs)
        this.#child.send({ id, command, argument }, (error) => {
          if (error) reject(new Error(`${this.#name} has ended.`, { cause: error }))
        })
      })
    } finally {
      clearTimeout(timer)
      this.#open.delete(id)
    }
  }

  /** Ends the process. */
  end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.kill('SIGKILL')
    })
  }

  #fail(why: string): void {
    for (const { reject } of this.#open.values()) reject(new Error(`${this.#name}: ${why}`))
  }

  #settle(reply: Reply): void {
    if (reply.id === NO_CALL && 'error' in reply) return this.#fail(reply.error)
    const open = this.#open.get(reply.id)
    if ('error' in reply) open?.reject(new Error(`${this.#name}: ${reply.error}`))
    else open?.resolve(reply.figures)
  }
}
