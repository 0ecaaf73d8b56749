/** @jsxImportSource solid-js */
import { createResource, createSignal, onCleanup, onMount, Show } from 'solid-js'
import { render } from 'solid-js/web'
import { client, createLobby, createStatus } from './live.js'

function Lobby() {
  const messages = createLobby()
  const gone = new AbortController()
  onCleanup(() => gone.abort())
  const [topic] = createResource(() =>
    client.request('topic', { room: 'lobby' }, { idempotent: true, signal: gone.signal }),
  )
  return (
    <>
      <p id="topic">{topic.error ? `${topic.error}` : topic()}</p>
      <p id="heard">{messages().length}</p>
      <p id="last">{messages().at(-1)}</p>
    </>
  )
}

function Page() {
  const status = createStatus()
  onMount(() => client.reconnect())
  const [shown, setShown] = createSignal(true)
  return (
    <>
      <p id="status">{status().status}</p>
      <button id="hide" type="button" onClick={() => setShown(false)}>
        hide
      </button>
      <Show when={shown()}>
        <Lobby />
      </Show>
    </>
  )
}

render(() => <Page />, document.getElementById('root') ?? document.body)
