import { connect } from 'holdfast'
import { createChecker, fakeEnvironment } from 'holdfast/testing'

const environment = fakeEnvironment()
const client = connect('wss://server.test/', { environment })
const lane = createChecker().lane('up')

environment.settle().then(() => {
  lane.sent(1)
  client.send('1')
  environment.sockets[0]?.accept()
  lane.received(Number(environment.sockets[0]?.sent[0]))
  document.body.textContent = `${lane}`
})
