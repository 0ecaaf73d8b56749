/** Takes what a listener threw; `where` names the listener. */
export type Report = (where: string, cause: unknown) => void

export interface Emitter<Events> {
  /** Listens; gives a function that takes the listener off again. */
  on<E extends keyof Events & string>(event: E, listener: (data: Events[E]) => void): () => void
  /** Calls the listeners, those of the moment, in order; tells whether there were any. */
  emit<E extends keyof Events & string>(event: E, data: Events[E]): boolean
}

/**
 * Listeners by event. A listener that throws is reported, and stops neither the later ones nor who emits.
 *
 * Written here and not taken from eventemitter3, which lies on the path of every message, costs a fifth of the size
 * budget, and would have to be wrapped: its `emit` throws what a listener throws, past the later ones.
 */
export function createEmitter<Events>(report: Report): Emitter<Events> {
  const listeners: { [E in keyof Events]?: readonly ((data: Events[E]) => void)[] } = Object.create(null)
  return {
    on(event, listener) {
      // A new array for each change: an emit that is under way goes on with the one it began with.
      const entry: typeof listener = (data) => listener(data)
      listeners[event] = [...(listeners[event] ?? []), entry]
      return () => {
        listeners[event] = listeners[event]?.filter((other) => other !== entry)
      }
    },
    emit(event, data) {
      const present = listeners[event] ?? []
      for (const listener of present) {
        try {
          listener(data)
        } catch (error) {
          report(`A listener of ${event}`, error)
        }
      }
      return present.length > 0
    },
  }
}
