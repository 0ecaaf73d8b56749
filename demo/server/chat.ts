import {
  type BroadcastOptions,
  RemoteError,
  type RequestHandler,
  type Server,
  type ServerChannel,
  type ServerClient,
} from '../../src/server/index.js'
import { type App, type ChatMessage, LIMITS, type Person } from '../app.js'
import { countOf, textOf } from './input.js'
import { type Visitor, visitorOf } from './visitors.js'

/** Ids remembered, so that a message said again is not shown twice. */
const MAX_IDS = 1_000

type Events = App['channels']['chat']

/** What has been said. It outlives every server, as a database would. */
class ChatLog {
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
  rename: RequestHandler<App, App['requests']['chat.rename']>
  /** The channel as the server of that number offers it. */
  channelOf(server: number): ServerChannel<App, 'chat'>
}

/** The chat of all servers that there are; `servers` gives them, the newest first. */
export function createChat(servers: () => readonly Server<App>[]): Chat {
  const log = new ChatLog()
  const present = new Map<ServerClient<App>, Visitor>()

  /** Everybody who is here, once, however many tabs they have open. */
  const people = (): Person[] => [...new Set(present.values())]

  const broadcast = <E extends 'message' | 'people' | 'typing'>(
    event: E,
    data: Events[E],
    options: BroadcastOptions<App> = {},
  ): void => {
    const [newest, ...leaving] = servers()
    newest?.broadcast('chat', event, data, options)
    // Their history is one, and reaches the members of a server that goes as well; what is volatile is in none.
    if (options.volatile) for (const server of leaving) server.broadcast('chat', event, data, options)
  }
  const tellPeople = (): void => broadcast('people', people())

  const say = (id: string, words: unknown, client: ServerClient<App>, visitor: Visitor): void => {
    const known = log.find(id)
    if (known) client.send('chat', 'message', known)
    else broadcast('message', log.add(visitor, id, textOf(words, LIMITS.text, 'text')))
  }

  return {
    rename: (params, context) => {
      visitorOf(context).name = textOf(params.name, LIMITS.name, 'name')
      tellPeople()
      return null
    },
    channelOf: (server) => ({
      history: true,
      getState: () => ({ messages: log.recent(), people: people() }),
      join(_params, context) {
        present.set(context.client, visitorOf(context))
        context.client.send('chat', 'server', server)
        tellPeople()
      },
      leave(context) {
        present.delete(context.client)
        tellPeople()
      },
      on: {
        say: ({ id, text }, context) => {
          try {
            say(textOf(id, LIMITS.name, 'id'), text, context.client, visitorOf(context))
          } catch (error) {
            if (!(error instanceof RemoteError)) throw error
            context.client.send('chat', 'refused', { id, code: error.code, why: error.message })
          }
        },
        typing: (_data, context) => {
          broadcast('typing', visitorOf(context), { except: context.client, volatile: true })
        },
        read: (at, context) => {
          const visitor = visitorOf(context)
          const upTo = countOf(at, 'time')
          if (upTo <= visitor.readUpTo) return
          visitor.readUpTo = upTo
          tellPeople()
        },
      },
    }),
  }
}
