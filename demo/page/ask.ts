import { DeliveryUnknown } from 'holdfast'
import type { DemoClient } from './client.js'
import { byId, create, keepingEndInSight, onSubmit, wordsOf } from './dom.js'
import { words } from './words/index.js'

export function startAsk(client: DemoClient): void {
  const log = byId('ask-log', HTMLDivElement)
  const send = byId('ask-send', HTMLButtonElement)
  const stop = byId('ask-stop', HTMLButtonElement)
  const question = byId('ask-question', HTMLInputElement)
  let running: AbortController | undefined

  const ask = async (wording: string): Promise<void> => {
    running?.abort()
    const abort = new AbortController()
    running = abort
    showRunning(true)
    const answer = createAnswer(wording, () => void ask(wording))
    suggestions.remove()
    // The button that was pressed has just gone.
    question.focus({ preventScroll: true })
    log.append(answer.element)
    log.scrollTop = log.scrollHeight
    try {
      for await (const piece of client.stream('ask', { question: wording }, { signal: abort.signal })) {
        keepingEndInSight(log, () => answer.add(piece))
      }
      answer.end('done')
    } catch (error) {
      keepingEndInSight(log, () => {
        if (abort.signal.aborted) answer.end('stopped', words.ask.stopped)
        else if (error instanceof DeliveryUnknown) answer.end('cut', words.ask.cut)
        else answer.end('failed', wordsOf(error))
      })
    }
    if (running === abort) showRunning(false)
  }

  const showRunning = (isRunning: boolean): void => {
    send.hidden = isRunning
    stop.hidden = !isRunning
  }

  onSubmit(byId('ask-form', HTMLFormElement), question, (wording) => {
    question.value = ''
    void ask(wording)
  })
  stop.addEventListener('click', () => {
    running?.abort()
    question.focus()
  })

  const suggestions = createSuggestions((wording) => void ask(wording))
  log.append(suggestions)

  void showWho(client)
}

async function showWho(client: DemoClient): Promise<void> {
  const who = await client.request('ask.who', undefined, { idempotent: true, timeoutMs: Number.POSITIVE_INFINITY })
  byId('ask-who', HTMLSpanElement).textContent = words.ask.who(who)
}

function createSuggestions(ask: (wording: string) => void): HTMLElement {
  const buttons = words.ask.suggestions.map((wording) => {
    const button = create('button', { type: 'button', className: 'small' }, wording)
    button.addEventListener('click', () => ask(wording))
    return button
  })
  return create('div', { className: 'suggestions' }, create('p', { className: 'note' }, words.ask.example), ...buttons)
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
    end(outcome: Outcome, why?: string): void {
      set(outcome)
      if (why === undefined) return
      const button = create('button', { type: 'button', className: 'small' }, words.ask.again)
      button.addEventListener('click', again)
      element.append(create('p', { className: outcome === 'stopped' ? 'note' : 'error' }, why, ' ', button))
    },
  }
}
