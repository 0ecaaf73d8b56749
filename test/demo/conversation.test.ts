import { describe, expect, test } from 'vitest'
import { Conversation } from '../../demo/page/conversation.js'

const message = (id: string, at: number, author = 'me') => ({ id, at, author, name: author, text: id })
const shown = (conversation: Conversation) =>
  conversation.inOrder().map((item) => ('note' in item ? item.note : `${item.id} ${item.fate}`))

describe('Conversation', () => {
  test('shows what came live and again in the history once, in the order of the server', () => {
    const conversation = new Conversation()
    conversation.confirm(message('c', 3))
    for (const again of [message('a', 1), message('b', 2), message('c', 3)]) conversation.confirm(again)
    expect(shown(conversation)).toEqual(['a sent', 'b sent', 'c sent'])
    expect(conversation.newest()).toBe(3)
  })

  test('shows what waits after what was said, until the server has it', () => {
    const conversation = new Conversation()
    conversation.queue(message('mine', 1))
    conversation.confirm(message('theirs', 5, 'other'))
    expect(shown(conversation)).toEqual(['theirs sent', 'mine waiting'])
    expect(conversation.newest()).toBe(5)
    conversation.confirm(message('mine', 6))
    expect(shown(conversation)).toEqual(['theirs sent', 'mine sent'])
  })

  test.each(['refused', 'unknown'] as const)('%s counts only as long as the server is not known to have it', (fate) => {
    const conversation = new Conversation()
    conversation.queue(message('lost', 1))
    conversation.settle('lost', fate, 'because')
    expect(shown(conversation)).toEqual([`lost ${fate}`])
    conversation.confirm(message('lost', 2))
    conversation.settle('lost', fate)
    expect(shown(conversation)).toEqual(['lost sent'])
  })

  test('a note stays where it was said: after what was there, before what comes, and before what waits', () => {
    const conversation = new Conversation()
    conversation.note('first')
    conversation.confirm(message('a', 10))
    conversation.queue(message('mine', 11))
    conversation.note('cut')
    conversation.confirm(message('b', 20))
    expect(shown(conversation)).toEqual(['first', 'a sent', 'cut', 'b sent', 'mine waiting'])
  })

  test('counts the others who have read a message, also after they have left', () => {
    const conversation = new Conversation()
    const mine = message('mine', 10)
    conversation.noteReaders([
      { id: 'me', name: 'me', readUpTo: 10 },
      { id: 'b', name: 'b', readUpTo: 9 },
      { id: 'c', name: 'c', readUpTo: 10 },
    ])
    expect(conversation.readersOf(mine)).toBe(1)
    conversation.noteReaders([{ id: 'b', name: 'b', readUpTo: 12 }])
    expect(conversation.readersOf(mine)).toBe(2)
  })
})
