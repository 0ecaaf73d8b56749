/**
 * `holdfast/contract`: what both ends agree on, as a value.
 *
 * ```ts
 * import { connectWith, defineContract, type } from 'holdfast/contract'
 * import { z } from 'zod'
 *
 * export const contract = defineContract({
 *   requests: {
 *     sum: { params: z.array(z.number()), result: z.number(), idempotent: true },
 *     tokens: { params: type<string>(), item: z.string() },
 *   },
 *   serverRequests: { confirm: { params: z.string(), result: z.boolean(), timeoutMs: 60_000 } },
 *   channels: {
 *     chat: { message: z.object({ text: z.string() }), joined: { data: z.string(), direction: 'down' } },
 *   },
 * })
 *
 * const client = connectWith(contract, 'wss://example.com/ws')   // in the page
 * createServer({ contract, requests: { … } })                    // in the server
 * ```
 */
import type { Contract, ContractShape } from '../../protocol/contract.js'
import type { BareType } from '../../protocol/schema.js'

/**
 * Gives back what it is given, with the types of both ends. A schema is any of Standard Schema (zod, valibot, arktype
 * and more), or `type<T>()` where a type is enough. Where a value is sent its type is what the schema takes, where it is
 * received what the schema makes of it.
 */
export const defineContract = <Shape extends ContractShape>(shape: Shape & Contract<Shape>): Contract<Shape> => shape

/** A type without a schema: it costs no bytes, and nothing is checked. */
export const type = <T>(): BareType<T> => ({})

export type {
  Contract,
  ContractShape,
  Direction,
  EventRules,
  PageApp,
  PageContract,
  RequestRules,
  ServerApp,
  ServerContract,
  ServerRequestRules,
  Validate,
} from '../../protocol/contract.js'
export type { BareType, InputOf, Issue, OutputOf, Schema, StandardSchema, Verdict } from '../../protocol/schema.js'
export { type ContractOptions, connectWith } from './connect-with.js'
