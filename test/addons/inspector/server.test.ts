/** On a server that renders there is no HTMLElement, and no registry of elements. */
import { expect, test } from 'vitest'

test('the module can be imported, and does nothing', async () => {
  expect('HTMLElement' in globalThis || 'customElements' in globalThis).toBe(false)
  const { HoldfastInspector } = await import('../../../src/addons/inspector/index.js')
  expect(HoldfastInspector).toBeTypeOf('function')
})
