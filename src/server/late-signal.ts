/** An `AbortController` whose signal is made when somebody asks for it: a handler seldom does, and each costs 1 KB. */
export class LateSignal {
  #controller: AbortController | undefined
  #end: { readonly why: unknown } | undefined

  get isAborted(): boolean {
    return this.#end !== undefined
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#end) this.#controller.abort(this.#end.why)
    }
    return this.#controller.signal
  }

  /** Only the first counts. */
  abort(why: unknown): void {
    this.#end ??= { why }
    this.#controller?.abort(why)
  }
}
