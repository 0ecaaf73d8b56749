import { connect } from 'holdfast'

interface App {
  requests: { sum: { params: [number, number]; result: number } }
}

export const client = connect<App>('/')

// The inferred types of these must have names that a declaration file can use.
export const untyped = connect('/', { autoConnect: false })
export const { request, stream, handle, channel } = client

client.request('sum', [1, 2]).then((sum) => {
  document.body.textContent = `1 + 2 = ${sum.toFixed()}`
  client.close()
})
