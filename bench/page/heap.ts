/** Chromium alone has these, and only with its flags `--js-flags=--expose-gc` and `--enable-precise-memory-info`. */
declare global {
  interface Performance {
    readonly memory?: { readonly usedJSHeapSize: number }
  }
}

/** The browser looks at the heap anew after this, in ms, and what has ended is let go by then. */
const SETTLE_MS = 50

/** Bytes that script holds on to, `undefined` where nobody can say. */
export async function heldBytes(): Promise<number | undefined> {
  // What is freed by one collection may be what held the rest.
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  }
  globalThis.gc?.()
  return globalThis.gc && performance.memory?.usedJSHeapSize
}
