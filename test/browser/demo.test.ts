import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Demo, startDemo } from '../../demo/server/start.js'
import { chatTexts, lastMark, settled, shownStatus, submit, textOf, textsOf } from './demo-page.js'
import { inEachBrowser } from './each-browser.js'
import { WITHIN } from './in-page.js'

inEachBrowser('the demo', ({ open }) => {
  let demo: Demo
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'holdfast-images-'))
  })
  beforeEach(async () => {
    demo = await startDemo({ port: 0, environment: {} })
  })
  afterEach(() => demo.close())
  afterAll(() => rm(folder, { recursive: true }))

  const openDemo = async () => {
    const page = await open(demo.url)
    await settled(page)
    return page
  }

  it('lets two tabs chat through an outage, each message once and in the same order', async () => {
    const ada = await openDemo()
    const bob = await openDemo()
    await expect.poll(() => textsOf(ada, '#people li'), WITHIN).toHaveLength(2)
    await submit(ada, '#chat-text', 'before')
    await expect.poll(() => chatTexts(bob), WITHIN).toEqual(['before'])
    await expect.poll(() => lastMark(ada), WITHIN).toMatch(/sent|read/)

    await ada.click('#trouble-refuse')
    for (const page of [ada, bob]) await expect.poll(() => shownStatus(page), WITHIN).not.toBe('open')
    await submit(ada, '#chat-text', 'meanwhile')
    await expect.poll(() => lastMark(ada), WITHIN).toBe('not acknowledged yet')
    await submit(bob, '#chat-text', 'likewise')
    await expect.poll(() => lastMark(bob), WITHIN).toBe('not acknowledged yet')
    await ada.click('#trouble-refuse')

    for (const page of [ada, bob]) {
      await expect.poll(() => lastMark(page), WITHIN).toMatch(/sent|read/)
      await expect.poll(() => chatTexts(page), WITHIN).toHaveLength(3)
    }
    const texts = await chatTexts(ada)
    expect([...texts].sort()).toEqual(['before', 'likewise', 'meanwhile'])
    expect(texts[0]).toBe('before')
    expect(await chatTexts(bob)).toEqual(texts)
  })

  it('shows who is writing, what is unread, and what was read', async () => {
    const ada = await openDemo()
    const bob = await openDemo()
    for (const page of [ada, bob]) await expect.poll(() => textsOf(page, '#people li'), WITHIN).toHaveLength(2)
    await ada.hide()
    await expect.poll(() => ada.evaluate(() => document.visibilityState), WITHIN).toBe('hidden')
    await bob.type('#chat-text', 'psst')
    await expect.poll(() => textOf(ada, '#typing'), WITHIN).toMatch(/is writing/)
    await bob.press('Enter')
    await expect.poll(() => ada.evaluate(() => document.title), WITHIN).toBe('(1) holdfast demo')
    await expect.poll(() => lastMark(bob), WITHIN).toBe('✓ sent, unread')
    await ada.show()
    await expect.poll(() => ada.evaluate(() => document.title), WITHIN).toBe('holdfast demo')
    await expect.poll(() => lastMark(bob), WITHIN).toBe('✓ read by 1')
  })

  it('shows what people write as text, never as HTML', async () => {
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>'
    const page = await openDemo()
    await submit(page, '#chat-text', markup)
    await submit(page, '#ask-question', markup)
    await expect.poll(() => chatTexts(page), WITHIN).toEqual([markup])
    await expect.poll(() => textsOf(page, '#ask-log h3'), WITHIN).toEqual([markup])
    expect(
      await page.evaluate(() => document.querySelectorAll('#chat-log :is(img, b), #ask-log :is(img, b)').length),
    ).toBe(0)
  })

  it('answers a question from the documentation, and stops when told to', async () => {
    const page = await openDemo()
    await expect.poll(() => textOf(page, '#ask-who'), WITHIN).not.toBe('')
    await submit(page, '#ask-question', 'How does the heartbeat work?')
    await expect.poll(() => textOf(page, '.answer-text'), WITHIN).toMatch(/^From \S+\.md/)
    await page.click('#ask-stop')
    await expect.poll(() => textOf(page, '.answer:last-child .note'), WITHIN).toMatch(/Stopped/)

    await page.click('.answer:last-child button')
    await expect.poll(() => textsOf(page, '.answer[data-state="done"]'), WITHIN).toHaveLength(1)
    const [stopped = '', whole = ''] = await textsOf(page, '.answer-text')
    expect(whole.startsWith(stopped)).toBe(true)
    expect(whole.length).toBeGreaterThan(stopped.length)
  })

  it('reads an image: format, size, colours, histogram', async () => {
    const file = path.join(folder, 'two-halves.png')
    const red = await sharp({ create: { width: 320, height: 480, channels: 3, background: '#cc2200' } })
      .png()
      .toBuffer()
    await sharp({ create: { width: 640, height: 480, channels: 3, background: '#0044cc' } })
      .composite([{ input: red, left: 0, top: 0 }])
      .removeAlpha()
      .png()
      .toFile(file)
    const page = await openDemo()
    await page.upload('#image-file', file)
    await expect
      .poll(() => textsOf(page, '#analyse-result dd'), WITHIN)
      .toEqual(expect.arrayContaining(['PNG', '640 × 480 pixels']))
    const colours = await textsOf(page, '#analyse-result code')
    expect(colours.slice(0, 2).sort()).toEqual(['#0044cc', '#cc2200'])
    expect(await page.evaluate(() => document.querySelectorAll('#analyse-result .histogram canvas').length)).toBe(1)
  })

  it('goes on with an upload after a cut', async () => {
    const file = path.join(folder, 'noise.png')
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
    await sharp({ create: { width: 500, height: 500, channels: 3, background: '#000000', noise } })
      .png()
      .toFile(file)
    const page = await openDemo()
    const progress = () => page.evaluate(() => document.querySelector('progress')?.value)
    await page.click('#trouble-slow')
    await page.upload('#image-file', file)
    await expect.poll(progress, WITHIN).toBeGreaterThan(0)
    expect(await progress()).toBeLessThan(1)
    await page.click('#trouble-cut')
    await expect.poll(() => textOf(page, '#trouble-says'), WITHIN).toMatch(/were cut/)
    await expect.poll(() => textsOf(page, '#timeline .pill'), WITHIN).toContain('waiting')
    await page.click('#trouble-slow')
    await expect.poll(() => textsOf(page, '#analyse-result dd'), WITHIN).toContain('500 × 500 pixels')
    await expect.poll(() => textOf(page, '#count-reconnects'), WITHIN).toBe('1')
  })

  it('says clearly what is not an image', async () => {
    const file = path.join(folder, 'not-an-image.png')
    await writeFile(file, 'These are words.')
    const page = await openDemo()
    await page.upload('#image-file', file)
    await expect.poll(() => textOf(page, '#analyse-error'), WITHIN).toMatch(/not an image/)
  })

  it('works by one script tag, without a build', async () => {
    const page = await open(`${demo.url}script-tag.html`)
    const other = await openDemo()
    await expect.poll(() => textsOf(other, '#people li'), WITHIN).toHaveLength(2)
    await submit(page, '#text', 'from a script tag')
    await expect.poll(() => textsOf(page, '#log li'), WITHIN).toEqual(['Script: from a script tag'])
    await expect.poll(() => chatTexts(other), WITHIN).toEqual(['from a script tag'])
  })
})

inEachBrowser('the demo with a model', ({ open }) => {
  it('says who speaks, and stops the model when told to', async () => {
    // A server with the shapes of OpenAI's, which never comes to an end by itself.
    let answer: ServerResponse | undefined
    const model = createServer((_request, response) => {
      answer = response
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: 'Well, ' } }] })}\n\n`)
    }).listen(0, '127.0.0.1')
    await once(model, 'listening')
    const address = model.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const environment = { DEEPSEEK_API_KEY: 'secret', DEEPSEEK_BASE_URL: `http://127.0.0.1:${port}` }
    const demo = await startDemo({ port: 0, environment })
    try {
      const page = await open(demo.url)
      await settled(page)
      await expect.poll(() => textOf(page, '#ask-who'), WITHIN).toMatch(/DeepSeek/)
      await submit(page, '#ask-question', 'Is anybody there?')
      await expect.poll(() => textOf(page, '.answer-text'), WITHIN).toBe('Well,')
      expect(answer?.closed).toBe(false)
      await page.click('#ask-stop')
      await expect.poll(() => answer?.closed, WITHIN).toBe(true)
      await expect.poll(() => textOf(page, '.answer .note'), WITHIN).toMatch(/Stopped/)
    } finally {
      await demo.close()
      model.close()
      model.closeAllConnections()
    }
  })
})
