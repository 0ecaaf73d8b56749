import type { IncomingMessage } from 'node:http'
import type { ReconnectWindow } from '../protocol/window.js'
import { RETRY_WINDOW } from './limits.js'
import type { Settings } from './options.js'

/** A client that may not come in is told so by a close code: a page cannot see a refused upgrade. */
export interface Refusal {
  readonly code: number
  readonly reason: string
  readonly window?: ReconnectWindow
}

/** A place within the limits, to be given back. */
export interface Seat {
  readonly address: string
  leave(): void
}

/** Decides who may come in: by Origin, and by the number of those who are there. */
export class Gate {
  readonly #settings: Settings
  readonly #byAddress = new Map<string, number>()
  #seats = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  admit(request: IncomingMessage): Seat | Refusal {
    const { limits, logger, address: addressOf } = this.#settings
    try {
      if (!this.#originMayConnect(request)) return { code: 4403, reason: 'origin not allowed' }
      const address = addressOf(request)
      const tooMany = this.#seats >= limits.maxConnections || this.#seatsOf(address) >= limits.maxConnectionsPerAddress
      return tooMany ? { code: 1013, reason: 'too many connections', window: RETRY_WINDOW } : this.#seat(address)
    } catch (error) {
      logger.error('holdfast: origins or address threw', error)
      return { code: 1011, reason: 'internal error' }
    }
  }

  #originMayConnect(request: IncomingMessage): boolean {
    const { origins } = this.#settings
    const { origin } = request.headers
    // No Origin, no browser: there is no page whose user could be impersonated.
    if (origin === undefined || origins === '*') return true
    if (typeof origins === 'function') return origins(origin, request)
    if (origins) return origins.includes(origin)
    return URL.canParse(origin) && new URL(origin).host === request.headers.host
  }

  #seat(address: string): Seat {
    this.#seats += 1
    this.#byAddress.set(address, this.#seatsOf(address) + 1)
    const leave = (): void => {
      this.#seats -= 1
      const left = this.#seatsOf(address) - 1
      if (left > 0) this.#byAddress.set(address, left)
      else this.#byAddress.delete(address)
    }
    return { address, leave }
  }

  #seatsOf(address: string): number {
    return this.#byAddress.get(address) ?? 0
  }
}
