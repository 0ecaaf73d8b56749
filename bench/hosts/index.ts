import type { StartHost } from './host.js'
import { start as session } from './session.js'
import { start as text } from './text.js'

/** By the name that a peer gives as `host`. */
export const HOSTS: Readonly<Record<string, StartHost>> = { text, session }
