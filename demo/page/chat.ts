import { DeliveryUnknown } from 'holdfast'
import type { Person } from '../app.js'
import type { DemoClient } from './client.js'
import { Conversation, type Entry, type Note } from './conversation.js'
import { byId, clock, create, keepingEndInSight, onSubmit, wordsOf } from './dom.js'
import { identity, newId } from './identity.js'
import { words } from './words/index.js'

/** How long "is writing" stays after the last key, in ms. */
const TYPING_MS = 3_000

/** Gives a function that says something of the connection in between what people say. */
export function startChat(client: DemoClient): (note: string) => void {
  const channel = client.channel('chat', { join: true })
  const conversation = new Conversation()
  const view = createView(conversation, (entry) => void post(entry))

  async function post({ id, text }: { id: string; text: string }): Promise<void> {
    conversation.queue({ id, text, author: identity.id, name: identity.name, at: Date.now() })
    view.draw()
    try {
      await channel.deliver('say', { id, text })
      conversation.settle(id, 'sent')
    } catch (error) {
      if (error instanceof DeliveryUnknown) conversation.settle(id, 'unknown')
      else conversation.settle(id, 'refused', wordsOf(error))
    }
    view.draw()
  }

  const noteRead = (): void => {
    if (document.hidden || client.status !== 'open' || conversation.newest() === 0) return
    // Of no use later: when the page is back it says anew how far it is.
    channel.send('read', conversation.newest(), { volatile: true })
  }
  const drawPeople = (people: readonly Person[]): void => {
    conversation.noteReaders(people)
    view.drawPeople(people)
    view.draw()
  }

  channel.on('state', ({ messages, people }) => {
    for (const message of messages) conversation.confirm(message)
    drawPeople(people)
    noteRead()
  })
  channel.on('message', (message) => {
    conversation.confirm(message)
    view.stopTyping(message.author)
    view.draw()
    noteRead()
  })
  channel.on('refused', ({ id, code, why }) => {
    conversation.settle(id, 'refused', words.error(code, why))
    view.draw()
  })
  channel.on('people', drawPeople)
  channel.on('typing', (person) => person && view.showTyping(person))
  client.on('open', noteRead)
  document.addEventListener('visibilitychange', () => {
    view.draw()
    noteRead()
  })

  startForms(client, (text) => void post({ id: newId(), text }))
  return (note) => {
    conversation.note(note)
    view.draw()
  }
}

/** What people type: messages, that they are typing, and their name. */
function startForms(client: DemoClient, post: (text: string) => void): void {
  const text = byId('chat-text', HTMLInputElement)
  onSubmit(byId('chat-form', HTMLFormElement), text, (value) => {
    text.value = ''
    post(value)
  })
  let toldAt = 0
  text.addEventListener('input', () => {
    if (client.status !== 'open' || Date.now() - toldAt < TYPING_MS / 2) return
    toldAt = Date.now()
    client.channel('chat').send('typing', undefined, { volatile: true })
  })

  const name = byId('chat-name', HTMLInputElement)
  name.value = identity.name
  onSubmit(byId('name-form', HTMLFormElement), name, (value) => {
    identity.rename(value)
    client.request('chat.rename', { name: identity.name }, { idempotent: true }).catch(() => {
      // The next token carries the name.
    })
  })
}

interface ChatView {
  draw(): void
  drawPeople(people: readonly Person[]): void
  showTyping(person: Person): void
  stopTyping(id: string): void
}

function createView(conversation: Conversation, retry: (entry: Entry) => void): ChatView {
  const log = byId('chat-log', HTMLOListElement)
  const items = new Map<string, HTMLLIElement>()
  const typing = new Map<string, { name: string; timer: number }>()
  let seenUpTo = Date.now()

  const draw = (): void =>
    keepingEndInSight(log, () => {
      for (const [index, entry] of conversation.inOrder().entries()) {
        const item = items.get(entry.id) ?? createItem(entry)
        items.set(entry.id, item)
        // What stays in its place is not touched, so that a screen reader says each message once.
        if (log.children[index] !== item) log.insertBefore(item, log.children[index] ?? null)
        if ('fate' in entry) drawFate(item, entry, conversation.readersOf(entry), () => retry(entry))
      }
      if (!document.hidden) seenUpTo = Math.max(seenUpTo, conversation.newest())
      const unread = conversation.countSince(seenUpTo, identity.id)
      document.title = unread > 0 ? `(${unread}) ${words.page.title}` : words.page.title
    })

  const drawTyping = (): void => {
    const names = [...typing.values()].map(({ name }) => name)
    byId('typing', HTMLParagraphElement).textContent = names.length === 0 ? '' : words.chat.typing(names)
  }
  const stopTyping = (id: string): void => {
    clearTimeout(typing.get(id)?.timer)
    typing.delete(id)
    drawTyping()
  }

  return {
    draw,
    stopTyping,
    drawPeople(people) {
      byId('people', HTMLUListElement).replaceChildren(
        ...people.map(({ id, name }) => create('li', {}, id === identity.id ? words.chat.person(name) : name)),
      )
    },
    showTyping({ id, name }) {
      stopTyping(id)
      typing.set(id, { name, timer: window.setTimeout(() => stopTyping(id), TYPING_MS) })
      drawTyping()
    },
  }
}

function createItem(entry: Entry | Note): HTMLLIElement {
  if ('note' in entry) return create('li', { className: 'between' }, entry.note)
  const isOwn = entry.author === identity.id
  const head = create('span', { className: 'message-head' }, isOwn ? words.chat.me : entry.name, ' ', create('time'))
  const item = create('li', { className: isOwn ? 'message own' : 'message' }, head, create('p', {}, entry.text))
  if (isOwn) item.append(create('span', { className: 'mark' }))
  item.dataset['messageId'] = entry.id
  return item
}

/** Says when a message was sent and, of one's own, what became of it. */
function drawFate(item: HTMLLIElement, entry: Entry, readers: number, retry: () => void): void {
  const time = item.querySelector('time')
  if (time && time.textContent !== clock(entry.at)) time.textContent = clock(entry.at)
  const fate = wordsFor(entry, readers)
  const mark = item.querySelector('.mark')
  if (!mark || mark.firstChild?.textContent === fate) return
  item.dataset['state'] = entry.fate
  mark.replaceChildren(fate)
  if (entry.fate !== 'refused' && entry.fate !== 'unknown') return
  const button = create('button', { type: 'button', className: 'small' }, words.chat.again)
  button.addEventListener('click', retry)
  mark.append(' ', button)
}

function wordsFor({ fate, why }: Entry, readers: number): string {
  switch (fate) {
    case 'waiting':
      return words.chat.waiting
    case 'sent':
      return readers > 0 ? words.chat.read(readers) : words.chat.sent
    case 'refused':
      return words.chat.refused(why ?? '')
    case 'unknown':
      return words.chat.unknown
  }
}
