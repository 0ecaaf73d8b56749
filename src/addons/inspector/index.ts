/**
 * `holdfast/inspector`: `<holdfast-inspector>`, which shows what a client does.
 *
 * ```ts
 * import 'holdfast/inspector'
 *
 * const inspector = document.body.appendChild(document.createElement('holdfast-inspector'))
 * inspector.client = client
 * ```
 *
 * To import it is enough: it names the element, unless that is done already. On a server that renders it does nothing.
 */
import { HoldfastInspector } from './element.js'

const NAME = 'holdfast-inspector'

declare global {
  interface HTMLElementTagNameMap {
    'holdfast-inspector': HoldfastInspector
  }
}

// Of two copies of the package in one page, the first one counts.
if (globalThis.customElements && !customElements.get(NAME)) customElements.define(NAME, HoldfastInspector)

export type { Kind } from './reading.js'
export type { Inspected } from './recorder.js'
export type { Redact, Redacted } from './redaction.js'
export { HoldfastInspector }
