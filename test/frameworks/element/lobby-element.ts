// lobby-element.ts
import { connect } from 'holdfast'
import type { App } from '../app.js'

const client = connect<App>('/ws', { autoConnect: false })

/** `<app-lobby>`: shows the status, a request's answer, and what is said, for as long as it is on the page. */
export class LobbyElement extends HTMLElement {
  #gone = new AbortController()

  connectedCallback(): void {
    this.innerHTML = '<p id="status"></p><p id="topic"></p><p id="heard">0</p><p id="last"></p>'
    this.#gone = new AbortController()
    const { signal } = this.#gone
    const show = (id: string, text: string): void => this.querySelector(`#${id}`)?.replaceChildren(text)

    if (client.status === 'idle') client.reconnect()
    const showStatus = (): void => show('status', client.getSnapshot().status)
    showStatus()
    const lobby = client.channel('lobby', { join: true })
    let heard = 0
    const ends = [
      client.subscribe(showStatus),
      lobby.on('message', ({ text }) => {
        heard++
        show('heard', `${heard}`)
        show('last', text)
      }),
      () => void lobby.leave().catch(() => {}), // without a connection there is nothing to leave
    ]
    signal.addEventListener('abort', () => {
      for (const end of ends) end()
    })
    client.request('topic', { room: 'lobby' }, { idempotent: true, signal }).then(
      (topic) => show('topic', topic),
      (error: unknown) => signal.aborted || show('topic', `${error}`),
    )
  }

  disconnectedCallback(): void {
    this.#gone.abort()
  }
}

customElements.define('app-lobby', LobbyElement)
