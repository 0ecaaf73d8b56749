/** A contract as an AsyncAPI 3.0 document. It describes the server: `receive` is what comes from a page. */
import type { ContractShape, Direction, EventRules, RequestRules } from '../../protocol/contract.js'
import { isStandard } from '../../protocol/examine.js'
import type { Schema } from '../../protocol/schema.js'
import { addTo, type Entries, type Ref, refTo } from './entries.js'
import { describe, type JsonSchema, takesNothing } from './schemas.js'

interface Info {
  readonly title: string
  readonly version: string
}

interface Message {
  readonly name: string
  readonly summary: string
  readonly correlationId?: { readonly location: string }
  readonly payload: JsonSchema
}

interface Channel {
  /** All go over one socket, whose URL the contract does not know. */
  readonly address: null
  readonly title: string
  readonly description: string
  readonly messages: Entries<Message>
}

type Action = 'send' | 'receive'

interface Operation {
  readonly action: Action
  readonly channel: Ref
  readonly title: string
  readonly description?: string
  readonly messages: readonly Ref[]
  readonly reply?: { readonly channel: Ref; readonly messages: readonly Ref[] }
  readonly 'x-idempotent'?: boolean
  /** How long the asker waits, in ms. */
  readonly 'x-timeoutMs'?: number
}

export interface AsyncApi {
  readonly asyncapi: '3.0.0'
  readonly info: Info & { readonly description: string }
  readonly defaultContentType: 'application/json'
  readonly channels: Entries<Channel>
  readonly operations: Entries<Operation>
  readonly components: { readonly schemas: Entries<JsonSchema> }
}

const ABOUT = `What a server and its pages say to each other on one WebSocket, in the frames of holdfast (PROTOCOL.md).
Not listed is what belongs to the wire itself: heartbeats, the requests auth, join, leave and contract, and the frames of
a session, in which each message has a header before it.`

/** Names are those of the contract where they can be. Payloads are whole frames, as they travel. */
export function toAsyncApi({ requests, serverRequests, channels }: ContractShape, info: Info): AsyncApi {
  const document: AsyncApi = {
    asyncapi: '3.0.0',
    info: { ...info, description: ABOUT },
    defaultContentType: 'application/json',
    channels: {},
    operations: {},
    components: { schemas: {} },
  }
  // First, so that channels of the same names get the numbers.
  if (requests) addRequests(document, 'requests', 'What pages ask the server.', 'receive', requests)
  if (serverRequests) addRequests(document, 'serverRequests', 'What the server asks a page.', 'send', serverRequests)
  for (const [name, events] of Object.entries(channels ?? {})) addEvents(document, name, events)
  return document
}

/** A channel without messages, its reference, and a way to give it some. */
function addChannel(document: AsyncApi, title: string, description: string) {
  const messages: Entries<Message> = {}
  const id = addTo(document.channels, title, { address: null, title, description, messages })
  return {
    id,
    channel: refTo('channels', id),
    addMessage: (name: string, message: Omit<Message, 'name'>): Ref =>
      refTo('channels', id, 'messages', addTo(messages, name, { name, ...message })),
  }
}

/** `action`: what the server does with the question. */
function addRequests(
  document: AsyncApi,
  title: string,
  description: string,
  action: Action,
  methods: { readonly [method: string]: RequestRules },
): void {
  const { channel, addMessage } = addChannel(document, title, description)
  const { schemas } = document.components
  const correlationId = { location: '$message.payload#/id' }
  const addAnswer = (name: string, summary: string, members: Entries<JsonSchema>): Ref =>
    addMessage(name, { summary, correlationId, payload: frame({ id: ID, ...members }) })

  for (const [method, rules] of Object.entries(methods)) {
    const { params, result, item, idempotent, timeoutMs } = rules
    const schemaOf = (part: string, schema: Schema): JsonSchema => describe(schemas, `${method}.${part}`, schema)
    const asked = { id: ID, method: { const: method }, ...(params && { params: schemaOf('params', params) }) }
    const request = addMessage(method, {
      summary: `Asks for ${method}.`,
      correlationId,
      payload: frame(asked, params && takesNothing(params) ? ['params'] : []),
    })
    const answers = [
      ...(item ? [addAnswer(`${method}.item`, `An item of ${method}.`, { item: schemaOf('item', item) })] : []),
      addAnswer(`${method}.result`, `${item ? 'Ends' : 'Answers'} ${method}.`, {
        result: result
          ? schemaOf('result', result)
          : { description: 'Nothing that the contract names: null, as a rule.' },
      }),
      addAnswer(`${method}.error`, `Refuses ${method}, or says that it failed.`, { error: ERROR }),
    ]
    addTo(document.operations, `${title}.${method}`, {
      action,
      channel,
      title: method,
      ...(item && {
        description: 'A stream: any number of items, then the result that ends it or an error that breaks it.',
      }),
      messages: [request],
      reply: { channel, messages: answers },
      ...(idempotent !== undefined && { 'x-idempotent': idempotent }),
      ...(timeoutMs !== undefined && { 'x-timeoutMs': timeoutMs }),
    })
  }
}

/** An event with all that is said of it, or nothing. */
interface EventParts {
  readonly data?: Schema
  readonly direction?: Direction
}

const ACTIONS: { readonly [D in Direction]: readonly Action[] } = {
  up: ['receive'],
  down: ['send'],
  both: ['receive', 'send'],
}

function addEvents(document: AsyncApi, name: string, events: { readonly [event: string]: EventRules }): void {
  const { id, channel, addMessage } = addChannel(document, name, `Events on the channel ${name}.`)
  for (const [event, rules] of Object.entries(events)) {
    const { data, direction = 'both' }: EventParts = isStandard(rules) ? { data: rules } : Object(rules)
    const members = {
      channel: { const: name },
      event: { const: event },
      data: describe(document.components.schemas, `${name}.${event}`, data),
    }
    const payload = frame(members, takesNothing(data) ? ['data'] : [])
    const message = addMessage(event, { summary: `The event ${event} on ${name}.`, payload })
    for (const action of ACTIONS[direction]) {
      addTo(document.operations, `${id}.${event}.${action}`, { action, channel, title: event, messages: [message] })
    }
  }
}

/** Frames may have members that are not named: PROTOCOL.md, P2.2. */
const frame = (properties: Entries<JsonSchema>, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})

/** PROTOCOL.md, P2.1. */
const ID: JsonSchema = { type: ['integer', 'string'] }
const ERROR: JsonSchema = {
  type: 'object',
  properties: { code: ID, message: { type: 'string' }, data: {} },
  required: ['code', 'message'],
}
