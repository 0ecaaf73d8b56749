import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createSearch } from '../../demo/server/documentation.js'
import { type Demo, startDemo } from '../../demo/server/start.js'
import { chatTexts, lastMark, notes, press, settled, shownStatus, submit, textOf, textsOf } from './demo-page.js'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { WITHIN } from './in-page.js'

const QUESTION = 'What does the page do after a close?'

inEachBrowser('trouble in the demo', ({ engine, open }) => {
  let demo: Demo
  let ada: Page
  let bob: Page
  /** What is answered to the question when nothing gets in the way. */
  let answer = ''
  beforeAll(async () => {
    answer = ''
    const search = await createSearch()
    for await (const piece of search.answer(QUESTION, new AbortController().signal)) answer += piece
  })
  beforeEach(async () => {
    demo = await startDemo({ port: 0, environment: {} })
    ada = await open(demo.url)
    bob = await open(demo.url)
    for (const page of [ada, bob]) await settled(page)
  })
  afterEach(() => demo.close())

  const roundTripMs = async () => Number.parseInt(await textOf(ada, '#round-trip'), 10)
  const isOn = (name: string) =>
    ada.evaluate((id) => document.getElementById(id)?.getAttribute('aria-pressed') === 'true', `trouble-${name}`)

  /** Both say something, in turn; gives it. */
  const chat = async (words: string): Promise<string[]> => {
    const texts = [1, 2].flatMap((number) => [`ada ${words} ${number}`, `bob ${words} ${number}`])
    for (const text of texts) await submit(text.startsWith('ada') ? ada : bob, '#chat-text', text)
    return texts
  }

  /** All is there in both pages, once, in one order, which is that in which each has said it. */
  const expectChat = async (texts: string[]) => {
    for (const page of [ada, bob]) {
      await expect.poll(() => textsOf(page, '.own[data-state="sent"]'), WITHIN).toHaveLength(texts.length / 2)
      await expect.poll(async () => (await chatTexts(page)).length, WITHIN).toBeGreaterThanOrEqual(texts.length)
    }
    const shown = await chatTexts(ada)
    expect(await chatTexts(bob)).toEqual(shown)
    for (const who of ['ada', 'bob']) {
      const said = (list: string[]) => list.filter((text) => text.startsWith(who))
      expect(said(shown)).toEqual(said(texts))
    }
  }

  const expectAnswer = async () => {
    await expect.poll(() => textsOf(ada, '.answer[data-state="done"]'), WITHIN).toHaveLength(1)
    expect(await ada.evaluate(() => document.querySelector('.answer-text')?.textContent)).toBe(answer)
  }

  it.each([
    ['cut', /1006/],
    ['flap', /1006/],
    ['black-hole', /./],
    ['lost-answers', /./],
    ['refuse', /1006/],
    ['expire-token', /not valid any more/],
  ])('%s: nothing is lost, nothing is there twice, the answer goes on, and the page says so', async (name, why) => {
    const texts = await chat('before')
    await submit(ada, '#ask-question', QUESTION)
    await expect.poll(() => textOf(ada, '.answer-text'), WITHIN).not.toBe('')
    await press(ada, name)
    texts.push(...(await chat('meanwhile')))
    // All of them are noticed by the client, sooner or later; only then it is over.
    for (const page of [ada, bob])
      await expect.poll(() => textsOf(page, '#timeline .pill'), WITHIN).toContain('waiting')
    await expect.poll(() => textsOf(ada, '#timeline .reason'), WITHIN).toContainEqual(expect.stringMatching(why))
    if (await isOn(name)) await press(ada, name)
    for (const page of [ada, bob]) await expect.poll(() => shownStatus(page), WITHIN).toBe('open')
    texts.push(...(await chat('after')))

    await expectChat(texts)
    await expectAnswer()
    for (const page of [ada, bob]) {
      await expect
        .poll(() => notes(page), WITHIN)
        .toContainEqual(
          expect.stringMatching(
            /^Resumed after \d+\.\d s, (nothing to replay|1 message replayed|\d+ messages replayed)\.$/,
          ),
        )
      expect((await notes(page)).filter((note) => !note.startsWith('Resumed'))).toEqual([])
      await expect.poll(() => textOf(page, '#session-unacknowledged'), WITHIN).toBe('0')
      expect(Number(await textOf(page, '#session-resumed'))).toBe((await notes(page)).length)
    }
  })

  it('restart: the pages go over to the next server, without a cut and without a gap', async () => {
    const texts = await chat('before')
    await submit(ada, '#ask-question', QUESTION)
    await expect.poll(() => textOf(ada, '.answer-text'), WITHIN).not.toBe('')
    await press(ada, 'restart')
    texts.push(...(await chat('meanwhile')))
    for (const page of [ada, bob]) await expect.poll(() => textOf(page, '#session-server'), WITHIN).toBe('2')
    texts.push(...(await chat('after')))

    await expectChat(texts)
    await expectAnswer()
    for (const page of [ada, bob]) {
      expect(await notes(page)).toEqual(['Now with server 2.'])
      expect(await textsOf(page, '#timeline .pill')).not.toContain('waiting')
    }
  })

  it('kill: the pages say that the session is lost and a gap is there, and the chat is whole all the same', async () => {
    const texts = await chat('before')
    await expectChat(texts)
    await press(ada, 'kill')
    texts.push(...(await chat('meanwhile')))
    for (const page of [ada, bob]) await expect.poll(() => textOf(page, '#session-server'), WITHIN).toBe('2')
    texts.push(...(await chat('after')))

    await expectChat(texts)
    for (const page of [ada, bob]) {
      const said = await notes(page)
      expect(said).toContainEqual(expect.stringMatching(/^Session lost: the server has forgotten it/))
      expect(said).toContainEqual(expect.stringMatching(/the server was restarted and has forgotten/))
      expect(said).not.toContainEqual(expect.stringMatching(/^Resumed/))
    }
  })

  it('kill in a black hole: a message of unknown fate is marked, and sent again it is there once', async () => {
    await press(ada, 'black-hole')
    await submit(ada, '#chat-text', 'ada in doubt')
    await expect.poll(() => textOf(ada, '#session-unacknowledged'), WITHIN).toBe('1')
    expect(await lastMark(ada)).toBe('not acknowledged yet')
    await press(ada, 'kill')
    await press(ada, 'black-hole')

    await expect.poll(() => lastMark(ada), WITHIN).toMatch(/^Nobody knows whether this arrived\./)
    await expect.poll(() => notes(ada), WITHIN).toContainEqual(expect.stringMatching(/1 message from here may have/))
    await ada.click('.message .mark button')
    await submit(bob, '#chat-text', 'bob after')
    await expectChat(['ada in doubt', 'bob after'])
  })

  it('slow: the round trip shows it, and the connection holds', async () => {
    await expect.poll(roundTripMs, WITHIN).toBeLessThan(800)
    await press(ada, 'slow')
    const texts = await chat('meanwhile')
    expect(await lastMark(ada)).toBe('not acknowledged yet')
    await expect.poll(roundTripMs, WITHIN).toBeGreaterThanOrEqual(1600)
    await press(ada, 'slow')
    await expect.poll(roundTripMs, WITHIN).toBeLessThan(800)
    await expectChat(texts)
    expect(await shownStatus(ada)).toBe('open')
    expect(await notes(ada)).toEqual([])
  })

  it('refuse: the page counts its attempts down', async () => {
    await press(ada, 'refuse')
    await expect.poll(() => textOf(ada, '#session-state'), WITHIN).toMatch(/^away for \d+\.\d s$/)
    await expect.poll(() => textOf(ada, '#count-failed-attempts'), WITHIN).toMatch(/[2-9]/)
    await expect.poll(() => textOf(ada, '#countdown'), WITHIN).toMatch(/next attempt in \d+\.\d s/)
    await press(ada, 'refuse')
    await expect.poll(() => textOf(ada, '#session-state'), WITHIN).toBe('connected')
  })

  // Firefox closes the socket before the page hears that it goes.
  it.skipIf(engine.name === 'firefox')(
    'a page that will not come back is gone at once, though its session could wait',
    async () => {
      await expect.poll(() => textsOf(ada, '#people li'), WITHIN).toHaveLength(2)
      await bob.evaluate(() => {
        sessionStorage.clear()
        sessionStorage.setItem('name', 'Somebody else')
        setTimeout(() => location.reload())
      })
      const people = () => textsOf(ada, '#people li')
      await expect.poll(people, WITHIN).toEqual([expect.stringMatching(/\(you\)$/), 'Somebody else'])
    },
  )
})
