import { APIError, OpenAI } from 'openai'
import type { Answerer } from './answerer.js'
import { createSearch } from './documentation.js'
import { refusal } from './input.js'

/** `DEEPSEEK_API_KEY`, `DEEPSEEK_BASE_URL` and `DEEPSEEK_MODEL`. */
export type AskEnvironment = Readonly<Record<string, string | undefined>>

/** Longest time for the first word, and for a whole answer, in ms. */
const FIRST_WORD_MS = 20_000
const ANSWER_MS = 90_000

/** DeepSeek where there is a key for it, else a search in the documentation. */
export async function createAnswerer(environment: AskEnvironment): Promise<Answerer> {
  const search = await createSearch()
  const apiKey = environment['DEEPSEEK_API_KEY']
  if (!apiKey) return search
  const model = environment['DEEPSEEK_MODEL'] ?? 'deepseek-v4-flash'
  const baseURL = environment['DEEPSEEK_BASE_URL'] ?? 'https://api.deepseek.com'
  const api = new OpenAI({ apiKey, baseURL, timeout: FIRST_WORD_MS, maxRetries: 1 })

  return {
    who: { kind: 'model', name: `DeepSeek (${model})` },
    async *answer(question, signal) {
      const limit = AbortSignal.timeout(ANSWER_MS)
      try {
        const stream = await api.chat.completions.create(bodyFor(model, question, search.passagesFor(question)), {
          signal: AbortSignal.any([signal, limit]),
        })
        for await (const chunk of stream) {
          const text = chunk.choices[0]?.delta.content
          if (text) yield text
        }
        // The package ends an aborted stream as if it had been complete.
        if (limit.aborted) throw refusal('model_slow', `The model took longer than ${ANSWER_MS / 1000} s.`)
      } catch (error) {
        if (!(error instanceof APIError) || signal.aborted) throw error
        throw refusal('model_failed', `The model did not answer: ${error.message}`)
      }
    },
  }
}

const bodyFor = (model: string, question: string, passages: string) => ({
  model,
  stream: true as const,
  max_tokens: 1_000,
  // Not in the package's types: DeepSeek's models think aloud for a while first unless told not to.
  thinking: { type: 'disabled' },
  messages: [
    { role: 'system' as const, content: instructions(passages) },
    { role: 'user' as const, content: question },
  ],
})

const instructions = (passages: string): string =>
  `You answer in the demo of holdfast, a WebSocket client for browsers. Answer in plain text, in at most 150 words. \
Where the question is about holdfast, rely on these parts of its documentation:\n\n${passages}`
