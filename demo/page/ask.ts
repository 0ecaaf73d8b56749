import { DeliveryUnknown } from 'holdfast'
import type { DemoClient } from './client.js'
import { byId, create, keepingEndInSight, onSubmit, wordsOf } from './dom.js'

const SUGGESTIONS = [
  'What does the page do after a close?',
  'How does the heartbeat work?',
  'What happens to requests in a cut?',
]

export function startAsk(client: DemoClient): void {
  const log = byId('ask-log', HTMLDivElement)
  const send = byId('ask-send', HTMLButtonElement)
  const stop = byId('ask-stop', HTMLButtonElement)
  const question = byId('ask-question', HTMLInputElement)
  let running: AbortController | undefined

  const ask = async (words: string): Promise<void> => {
    running?.abort()
    const abort = new AbortController()
    running = abort
    showRunning(true)
    const answer = createAnswer(words, () => void ask(words))
    suggestions.remove()
    // The button that was pressed has just gone.
    question.focus({ preventScroll: true })
    log.append(answer.element)
    log.scrollTop = log.scrollHeight
    try {
      for await (const piece of client.stream('ask', { question: words }, { signal: abort.signal })) {
        keepingEndInSight(log, () => answer.add(piece))
      }
      answer.end('done')
    } catch (error) {
      keepingEndInSight(log, () => {
        if (abort.signal.aborted) answer.end('stopped', 'Stopped.')
        else if (error instanceof DeliveryUnknown) answer.end('cut', 'The server was killed: the rest is lost.')
        else answer.end('failed', wordsOf(error))
      })
    }
    if (running === abort) showRunning(false)
  }

  const showRunning = (isRunning: boolean): void => {
    send.hidden = isRunning
    stop.hidden = !isRunning
  }

  onSubmit(byId('ask-form', HTMLFormElement), question, (words) => {
    question.value = ''
    void ask(words)
  })
  stop.addEventListener('click', () => {
    running?.abort()
    question.focus()
  })

  const suggestions = createSuggestions((words) => void ask(words))
  log.append(suggestions)

  void showWho(client)
}

async function showWho(client: DemoClient): Promise<void> {
  const { name } = await client.request('ask.who', undefined, { idempotent: true, timeoutMs: Number.POSITIVE_INFINITY })
  byId('ask-who', HTMLSpanElement).textContent = name
}

function createSuggestions(ask: (words: string) => void): HTMLElement {
  const buttons = SUGGESTIONS.map((words) => {
    const button = create('button', { type: 'button', className: 'small' }, words)
    button.addEventListener('click', () => ask(words))
    return button
  })
  return create('div', { className: 'suggestions' }, create('p', { className: 'note' }, 'For example:'), ...buttons)
}

type Outcome = 'running' | 'done' | 'stopped' | 'cut' | 'failed'

function createAnswer(question: string, again: () => void) {
  const text = create('p', { className: 'answer-text' })
  const element = create('article', { className: 'answer' }, create('h3', {}, question), text)
  const set = (outcome: Outcome): void => {
    element.dataset['state'] = outcome
  }
  set('running')
  return {
    element,
    add: (piece: string): void => text.append(piece),
    /** Says how it ended; if not well, offers to ask again. */
    end(outcome: Outcome, words?: string): void {
      set(outcome)
      if (words === undefined) return
      const button = create('button', { type: 'button', className: 'small' }, 'Ask again')
      button.addEventListener('click', again)
      element.append(create('p', { className: outcome === 'stopped' ? 'note' : 'error' }, words, ' ', button))
    },
  }
}
