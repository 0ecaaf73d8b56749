import { execute, GraphQLFloat, GraphQLObjectType, GraphQLSchema, subscribe, validate } from 'graphql'
import { createClient } from 'graphql-ws'
import { useServer as serveGraphql } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { Library } from '../library.js'
import { listening } from '../serve.js'

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { echo: { type: GraphQLFloat, args: { n: { type: GraphQLFloat } }, resolve: (_, { n }) => n } },
  }),
})

export const graphqlWs: Library = {
  name: 'graphql-ws',
  async start() {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    // Its own, for a test has another instance of the package than other packages have.
    const { dispose } = serveGraphql({ schema, validate, execute, subscribe }, server)
    return listening(server, dispose)
  },
  connect(url, WebSocket) {
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
      shouldRetry: () => true,
      onNonLazyError() {},
    })
    return {
      echo: (n) =>
        new Promise((resolve, reject) => {
          client.subscribe(
            { query: 'query ($n: Float) { echo(n: $n) }', variables: { n } },
            { next: ({ data }) => resolve(data?.['echo']), error: reject, complete() {} },
          )
        }),
      close: () => client.dispose(),
    }
  },
}
