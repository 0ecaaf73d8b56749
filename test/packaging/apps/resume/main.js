import { connect } from 'holdfast'
import { resumable } from 'holdfast/resume'

const client = connect('/', { session: resumable() })

const chat = client.channel('chat', { join: true })
chat.deliver('message', 'hi').then(() => {
  document.body.textContent = 'delivered'
  client.close()
})
