import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import MiniSearch from 'minisearch'
import type { Answerer } from './answerer.js'

/** A section of the documentation. */
interface Passage {
  id: number
  file: string
  title: string
  text: string
}

export interface DocumentationSearch extends Answerer {
  /** The sections that fit a question best, as one text. */
  passagesFor(question: string): string
}

/** Characters of a section in an answer, and the time between two words of it, in ms. */
const ANSWER_LENGTH = 700
const WORD_MS = 35

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))

const STOP_WORDS = new Set(
  'a an and are as at be by can do does for from has have how i if in is it me my of on or so that the then there this to us was we what when where which who why will with you your'.split(
    ' ',
  ),
)

const TRANSLATION = 'README.zh-CN.md'

/** What an answer comes in: words, or a few characters where no spaces divide them. */
const PIECES = /\s*(?:\p{Script=Han}{1,4}|[^\s\p{Script=Han}]+)/gu

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })

/** The words of a text, in Chinese too, which has no spaces between them. */
const wordsIn = (text: string): string[] =>
  languageOf(text) === 'en'
    ? text.split(/[\n\r\p{Z}\p{P}]+/u)
    : [...segmenter.segment(text)].flatMap(({ segment, isWordLike }) => (isWordLike ? segment : []))

/** Answers from the project's own documentation by keyword search, in the language of the question. */
export async function createSearch(): Promise<DocumentationSearch> {
  const index = new MiniSearch<Passage>({
    fields: ['title', 'text'],
    storeFields: ['file', 'title', 'text'],
    tokenize: wordsIn,
    processTerm: (term) => {
      const word = term.toLowerCase()
      return STOP_WORDS.has(word) ? null : word
    },
    searchOptions: {
      boost: { title: 2 },
      prefix: (term) => term.length > 3,
      fuzzy: (term) => (term.length > 5 ? 0.2 : 0),
    },
  })
  const passages = await readPassages()
  index.addAll(passages)

  const find = (question: string, count: number): Passage[] =>
    index
      .search(question, { filter: ({ file }) => (file === TRANSLATION) === (languageOf(question) === 'zh') })
      .slice(0, count)
      .flatMap((found) => passages[found.id] ?? [])

  return {
    who: { kind: 'search', name: 'Search in the documentation' },
    passagesFor: (question) =>
      find(question, 3)
        .map((passage) => `${passage.title} (${passage.file})\n${passage.text}`)
        .join('\n\n'),
    async *answer(question, signal) {
      const [best, ...others] = find(question, 3)
      const language = languageOf(question)
      const answer = best ? compose(best, others, language) : IN[language].nothing
      for (const word of answer.match(PIECES) ?? []) {
        await sleep(WORD_MS, undefined, { signal })
        yield word
      }
    },
  }
}

/** A language in which it answers: that of the question. */
const IN = {
  en: {
    nothing:
      'I found nothing about that. I only search the documentation of holdfast by keyword: try “heartbeat”, “close codes”, \
“how do I join a channel” or “what happens to requests when the socket is lost”.',
    from: (file: string, title: string): string => `From ${file}, “${title}”:`,
    seeAlso: (others: string): string => `See also: ${others}.`,
    other: (file: string, title: string): string => `“${title}” in ${file}`,
    comma: ', ',
  },
  zh: {
    nothing: '没有找到。这里只按关键词搜索 holdfast 的文档：试试“心跳”“关闭码”“恰好一次”或“断线时请求会怎样”。',
    from: (file: string, title: string): string => `摘自 ${file} 的“${title}”：`,
    seeAlso: (others: string): string => `另见：${others}。`,
    other: (file: string, title: string): string => `${file} 的“${title}”`,
    comma: '、',
  },
}

type Language = keyof typeof IN

const languageOf = (text: string): Language => (/\p{Script=Han}/u.test(text) ? 'zh' : 'en')

function compose(best: Passage, others: Passage[], language: Language): string {
  const say = IN[language]
  const more = others.map(({ title, file }) => say.other(file, title)).join(say.comma)
  return `${say.from(best.file, best.title)}\n\n${shorten(best.text)}${more && `\n\n${say.seeAlso(more)}`}`
}

/** Cuts a long text after a sentence. */
function shorten(text: string): string {
  if (text.length <= ANSWER_LENGTH) return text
  const start = text.slice(0, ANSWER_LENGTH)
  const end = Math.max(start.lastIndexOf('. '), start.lastIndexOf('.\n'), start.lastIndexOf('。'))
  return end > 0 ? start.slice(0, end + 1) : `${start} …`
}

async function readPassages(): Promise<Passage[]> {
  const guides = await readdir(`${PROJECT}docs`, { recursive: true }).catch(() => [])
  const files = [
    'README.md',
    TRANSLATION,
    'PROTOCOL.md',
    ...guides.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
  ]
  const passages: Passage[] = []
  for (const file of files) {
    const source = await readFile(PROJECT + file, 'utf8').catch(() => '')
    for (const section of sectionsOf(source)) passages.push({ id: passages.length, file, ...section })
  }
  return passages
}

/** The sections of a Markdown text under their headings, as plain text: a line a paragraph, or a line of code. */
function sectionsOf(source: string): { title: string; text: string }[] {
  const sections: { title: string; text: string }[] = []
  let isCode = false
  for (const line of source.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode
    const heading = isCode ? undefined : /^#+ (.+)/.exec(line)?.[1]
    if (heading) sections.push({ title: plain(heading), text: '' })
    const current = sections.at(-1)
    if (!current || heading || line.startsWith('```')) continue
    const goesOn = !isCode && /^ *[^-|\s\d]/.test(line) && /\S$/.test(current.text)
    current.text += goesOn ? ` ${plain(line.trim())}` : `\n${isCode ? line : plain(line)}`
  }
  return sections.map(({ title, text }) => ({ title, text: text.trim() })).filter(({ text }) => text !== '')
}

/** A line of Markdown without its marks. */
const plain = (line: string): string =>
  line
    .replace(/^\|[-\s|:]+\|$/, '')
    .replace(/^\| ?(.*?) ?\|$/, (_row, cells: string) => cells.replaceAll(' | ', ' · '))
    .replace(/^- /, '• ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|`/g, '')
