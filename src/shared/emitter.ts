/** Takes what a listener threw; `where` names the listener. */
export type Report = (where: string, cause: unknown) => void

export interface Emitter<Events> {
  /** Listens; gives a function that takes the listener off again. */
  on<E extends keyof Events & string>(event: E, listener: (data: Events[E]) => void): () => void
  /** Whether anybody listens: for what would cost too much to say to nobody. */
  hears(event: keyof Events & string): boolean
  /** Calls the listeners, in order; tells whether there are any. */
  emit<E extends keyof Events & string>(event: E, data: Events[E]): boolean
}

/**
 * Listeners by event. One that throws is reported, and stops neither the later ones nor who emits. An event that comes
 * of another waits until all have heard that one, so that nobody hears them in the wrong order.
 *
 * Written here and not taken from eventemitter3, whose `emit` throws what a listener throws, past the later ones, and
 * knows no turns; it would also be a seventh of the size.
 */
export function createEmitter<Events>(report: Report): Emitter<Events> {
  const listeners: { [E in keyof Events]?: readonly ((data: Events[E]) => void)[] } = Object.create(null)
  const later: (() => void)[] = []
  let emitting = false

  const hears = (event: keyof Events): boolean => !!listeners[event]?.length

  const tell = <E extends keyof Events & string>(event: E, data: Events[E]): void => {
    for (const listener of listeners[event] ?? []) {
      try {
        listener(data)
      } catch (error) {
        report(`A listener of ${event}`, error)
      }
    }
  }

  return {
    on(event, listener) {
      const entry: typeof listener = (data) => listener(data)
      // A new array for each change: an emit that is under way goes on with the one it began with.
      listeners[event] = [...(listeners[event] ?? []), entry]
      return () => {
        listeners[event] = listeners[event]?.filter((other) => other !== entry)
      }
    },
    hears,
    emit(event, data) {
      const heard = hears(event)
      if (emitting) later.push(() => tell(event, data))
      else {
        emitting = true
        tell(event, data)
        for (let next = later.shift(); next; next = later.shift()) next()
        emitting = false
      }
      return heard
    },
  }
}
