import { connect } from 'holdfast'

interface App {
  requests: { sum: { params: [number, number]; result: number } }
}

export const client = connect<App>('/')

// Its inferred type must have a name that a declaration file can use.
export const untyped = connect('/', { autoConnect: false })

client.request('sum', [1, 2]).then((sum) => {
  document.body.textContent = `1 + 2 = ${sum.toFixed()}`
  client.close()
})
