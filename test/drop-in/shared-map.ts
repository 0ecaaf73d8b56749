import type * as Y from 'yjs'

/** On the server: answers in the map what was asked in it. */
export function answering(map: Y.Map<unknown>): void {
  map.observe(() => {
    if (map.get('answer') !== map.get('question')) map.set('answer', map.get('question'))
  })
}

/** In the client: asks in the map that both share, and waits for the answer. */
export const echoBy =
  (map: Y.Map<unknown>) =>
  (n: number): Promise<unknown> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (map.get('answer') === n) resolve(n)
      }
      map.observe(look)
      map.set('question', n)
      look()
    })
