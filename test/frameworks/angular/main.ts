import '@angular/compiler'
import { afterNextRender, Component, resource, signal } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { client, injectLobby, injectStatus } from './signals.js'

@Component({
  selector: 'app-lobby',
  template: `
    <p id="topic">{{ topic.error() ?? topic.value() }}</p>
    <p id="heard">{{ messages().length }}</p>
    <p id="last">{{ messages().at(-1) }}</p>
  `,
})
class Lobby {
  readonly messages = injectLobby()
  readonly topic = resource({
    loader: ({ abortSignal }) => client.request('topic', { room: 'lobby' }, { idempotent: true, signal: abortSignal }),
  })
}

@Component({
  selector: 'app-page',
  imports: [Lobby],
  template: `
    <p id="status">{{ status().status }}</p>
    <button id="hide" (click)="shown.set(false)">hide</button>
    @if (shown()) {
      <app-lobby />
    }
  `,
})
class Page {
  readonly status = injectStatus()
  readonly shown = signal(true)

  constructor() {
    afterNextRender(() => client.reconnect())
  }
}

const root = document.getElementById('root') ?? document.body
root.append(document.createElement('app-page'))
await bootstrapApplication(Page)
