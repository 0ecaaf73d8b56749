import type { ContractShape, Validate } from '../protocol/contract.js'
import { createPatience, examine, type Fields, hashOf, type Patience } from '../protocol/examine.js'
import { INVALID_PARAMS } from '../protocol/frames.js'
import type { Issue } from '../protocol/schema.js'
import { type HoldfastError, InvalidOption, RemoteError } from '../shared/errors.js'
import type { Logger } from '../shared/logger.js'
import type { Clock } from './clock.js'

/** Contracts of pages that are logged, each once: a page may name as many as it likes. */
const MAX_SKEWS = 100
/** What a page is told of one bad request. */
const MAX_ISSUES = 10
const MAX_ISSUE_LENGTH = 200

/** Holds what comes and what goes against the contract of the server. Without one all passes. */
export class ContractCheck {
  readonly #contract: ContractShape | undefined
  readonly #validate: Validate
  readonly #logger: Logger
  readonly #patience: Patience
  readonly #skews = new Set<unknown>()
  /** Of the contract; `undefined` without one. */
  readonly hash: number | undefined

  constructor(contract: ContractShape | undefined, validate: Validate, logger: Logger, clock: Clock) {
    this.#contract = contract
    this.#validate = validate
    this.#logger = logger
    this.#patience = createPatience(clock.timer)
    this.hash = contract && hashOf(contract)
  }

  /** What came from a page, with what the schema made of it or with a fault. Throws, or rejects, where the schema failed. */
  received(frame: Fields, method?: string): Fields | Promise<Fields> {
    if (!this.#contract || this.#validate === 'none') return frame
    const examined = examine(this.#contract, frame, 'up', this.#patience, method)
    return examined instanceof Promise ? examined.then(orThrow) : orThrow(examined)
  }

  /** Throws what is wrong with an event or a question that is about to go. */
  sending(frame: Fields): void {
    const examined = this.#outgoing(frame)
    if (examined instanceof Promise) throw new InvalidOption('validate', `'in', for a schema that answers later`)
    if (examined?.fault) throw examined.fault
  }

  /** Throws, or rejects with, what is wrong with an answer or an item that is about to go. */
  answering(frame: Fields, method: string): void | Promise<void> {
    const examined = this.#outgoing(frame, method)
    const judge = ({ fault }: Fields): void => {
      if (fault) throw fault
    }
    if (examined) return examined instanceof Promise ? examined.then(judge) : judge(examined)
  }

  /** How long the page may take for its answer, in ms, if the contract says it. */
  timeoutMs(method: string): number | undefined {
    return this.#contract?.serverRequests?.[method]?.timeoutMs
  }

  /** A page has another contract. */
  report(hash: unknown, client: number): void {
    if (this.#skews.has(hash) || this.#skews.size >= MAX_SKEWS) return
    this.#skews.add(hash)
    this.#logger.warn(
      `holdfast: client ${client} has another contract (${hash}, here ${this.hash}): deploy both ends, or reload pages.`,
    )
  }

  /** The server has closed: nobody waits for a schema any more. */
  close(): void {
    this.#patience.end()
  }

  #outgoing(frame: Fields, method?: string): Fields | Promise<Fields> | undefined {
    return this.#contract && this.#validate === 'both'
      ? examine(this.#contract, frame, 'down', this.#patience, method)
      : undefined
  }
}

/** A schema that threw, or gave no answer, is no fault of the page. */
function orThrow(examined: Fields): Fields {
  const { fault } = examined
  if (fault?.cause && !Array.isArray(fault.cause)) throw fault
  return examined
}

/** What a page is told whose params do not fit: where, and why. */
export function invalidParams(method: string, { message, cause }: HoldfastError): RemoteError {
  const found: readonly Issue[] = Array.isArray(cause) ? cause : []
  const issues = found.slice(0, MAX_ISSUES).map((issue) => ({
    path: [method, 'params', ...(issue.path ?? [])].map((key) => String(Object(key).key ?? key)).join('.'),
    message: issue.message.slice(0, MAX_ISSUE_LENGTH),
  }))
  return new RemoteError({ code: INVALID_PARAMS, message, data: { path: issues[0]?.path, issues } })
}
