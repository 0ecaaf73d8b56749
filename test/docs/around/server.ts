import { createServer, type Server } from '../../../src/server/index.js'

/** What the usual server of the examples understands. */
export interface ExampleApp {
  requests: {
    sum: { params: [number, number]; result: number }
    tokens: { params: string; item: string }
    history: { result: { text: string }[] }
  }
  channels: {
    chat: { message: { text: string } }
  }
}

/** The server that the examples of a page meet which has none of its own. Sends back what it does not know. */
export const serveExamples = (port: number): Server<ExampleApp> =>
  createServer<ExampleApp>({
    port,
    host: '127.0.0.1',
    requests: {
      sum: ([a, b]) => a + b,
      async *tokens(question) {
        yield* question.split(' ')
      },
      history: () => [{ text: 'before' }],
    },
    channels: {
      chat: {
        on: {
          message(data, { client }) {
            client.send('chat', 'message', data)
          },
        },
      },
    },
    onMessage: (data, { client }) => client.sendRaw(data),
  })
