import type { RequestHandler, Server, ServerChannel, ServerClient } from '../../src/server/index.js'
import { type App, type ChatMessage, LIMITS, type Person } from '../app.js'
import { countOf, textOf } from './input.js'
import { type Visitor, visitorOf } from './visitors.js'

/** Ids remembered, so that a message posted again after a cut is not shown twice. */
const MAX_IDS = 1_000

/** What has been said. It outlives a restart of the server, as a database would. */
export class ChatLog {
  private readonly byId = new Map<string, ChatMessage>()
  private lastAt = 0

  /** The last messages, oldest first. */
  recent(): ChatMessage[] {
    return [...this.byId.values()].slice(-LIMITS.history)
  }

  find(id: string): ChatMessage | undefined {
    return this.byId.get(id)
  }

  add(author: Person, id: string, text: string): ChatMessage {
    this.lastAt = Math.max(Date.now(), this.lastAt + 1)
    const message = { id, author: author.id, name: author.name, text, at: this.lastAt }
    this.byId.set(id, message)
    const oldest = this.byId.keys().next()
    if (this.byId.size > MAX_IDS && !oldest.done) this.byId.delete(oldest.value)
    return message
  }
}

interface Chat {
  requests: {
    'chat.post': RequestHandler<App, App['requests']['chat.post']>
    'chat.rename': RequestHandler<App, App['requests']['chat.rename']>
  }
  channel: ServerChannel<App, 'chat'>
}

/** The chat of one server; `server` is asked for when there is something to tell. */
export function createChat(log: ChatLog, server: () => Server<App>): Chat {
  const present = new Map<ServerClient<App>, Visitor>()

  /** Everybody who is here, once, however many tabs they have open. */
  const people = (): Person[] => [...new Map([...present.values()].map((visitor) => [visitor.id, visitor])).values()]
  const tellPeople = (): void => {
    server().broadcast('chat', 'people', people())
  }

  return {
    requests: {
      'chat.post': (params, context) => {
        const id = textOf(params.id, LIMITS.name, 'id')
        const known = log.find(id)
        if (known) return known
        const message = log.add(visitorOf(context), id, textOf(params.text, LIMITS.text, 'text'))
        server().broadcast('chat', 'message', message)
        return message
      },
      'chat.rename': (params, context) => {
        visitorOf(context).name = textOf(params.name, LIMITS.name, 'name')
        tellPeople()
        return null
      },
    },
    channel: {
      join(_params, context) {
        present.set(context.client, visitorOf(context))
        // The newcomer is no member yet, and so gets its own copy.
        context.client.send('chat', 'history', log.recent())
        context.client.send('chat', 'people', people())
        tellPeople()
      },
      leave(context) {
        present.delete(context.client)
        tellPeople()
      },
      on: {
        typing: (_data, context) => {
          server().broadcast('chat', 'typing', visitorOf(context), { except: context.client })
        },
        read: (at, context) => {
          const visitor = visitorOf(context)
          const upTo = countOf(at, 'time')
          if (upTo <= visitor.readUpTo) return
          visitor.readUpTo = upTo
          tellPeople()
        },
      },
    },
  }
}
