import type { IncomingMessage } from 'node:http'
import type { ErrorBody } from '../protocol/frames.js'
import { INTERNAL_ERROR, wordedBody } from './errors.js'
import type { Settings } from './options.js'

/** What the app says of a client's credentials. */
export type Verdict =
  | { readonly accepted: true; readonly subject: unknown }
  | { readonly accepted: false; readonly code: number; readonly error: ErrorBody }

/** Asks the app who the client is. Without `auth` any token is accepted unseen. */
export async function authenticate(
  { auth, logger }: Settings,
  request: IncomingMessage,
  token: unknown,
): Promise<Verdict> {
  try {
    return { accepted: true, subject: await auth?.({ token, request }) }
  } catch (thrown) {
    const error = wordedBody(thrown) ?? INTERNAL_ERROR
    if (error === INTERNAL_ERROR) logger.error('holdfast: auth threw', thrown)
    return { accepted: false, code: error.code === 'forbidden' || error.code === 403 ? 4403 : 4401, error }
  }
}
