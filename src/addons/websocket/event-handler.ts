type Handler<E> = ((this: WebSocket, event: E) => unknown) | null

/** What stands behind `onopen` and its like. */
export interface EventHandler<E> {
  get(): Handler<E>
  set(handler: Handler<E>): void
}

/**
 * An event handler (HTML, 8.1.8.1): a listener that has its turn from the moment it was set first, keeps it while it is
 * exchanged for another, and loses it when it is set to `null`.
 */
export function createEventHandler<Type extends keyof WebSocketEventMap>(
  target: WebSocket,
  type: Type,
): EventHandler<WebSocketEventMap[Type]> {
  let handler: Handler<WebSocketEventMap[Type]> = null
  const listener = (event: WebSocketEventMap[Type]): void => {
    // An object may be set, and is given back, but is no function to call.
    if (typeof handler === 'function') handler.call(target, event)
  }
  return {
    get: () => handler,
    set(given) {
      handler = Object(given) === given ? given : null
      if (handler) target.addEventListener(type, listener)
      else target.removeEventListener(type, listener)
    },
  }
}
