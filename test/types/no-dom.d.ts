/** What the core may be handed by an app, as types only: without a value none of it can be made or called. */
interface URL {
  readonly href: string
}

interface Blob {
  readonly size: number
  slice(): Blob
}

interface AbortSignal {
  readonly aborted: boolean
  // biome-ignore lint/suspicious/noExplicitAny: the platform's own type.
  readonly reason: any
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
