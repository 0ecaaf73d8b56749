/**
 * `holdfast/resume`: a conversation that outlives its connections.
 *
 * ```ts
 * import { connect } from 'holdfast'
 * import { resumable } from 'holdfast/resume'
 *
 * const client = connect<App>('wss://example.com/ws', { session: resumable() })
 * ```
 */
import type { SessionPlugin } from '../../core/session/plugin.js'
import { createKeeper } from './keeper.js'

/**
 * For the option `session` of `connect`: with a server that speaks sessions (PROTOCOL.md, section 9; the server kit
 * does), every message arrives exactly once and in order, both ways, through any cut. Where that cannot be known it is
 * said: by `sessionlost`, `gap`, and `DeliveryUnknown`. A server without sessions never answers, and each attempt fails
 * after `openTimeoutMs`.
 */
export const resumable = (): SessionPlugin => createKeeper

export type { SessionEvents, SessionPlugin, UnknownMessage } from '../../core/session/plugin.js'
