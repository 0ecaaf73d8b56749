import { connect } from 'holdfast'

const client = connect('/')

client.request('sum', [1, 2]).then((sum) => {
  document.body.textContent = `1 + 2 = ${sum}`
  client.close()
})
