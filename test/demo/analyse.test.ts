import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { type AnalyseItem, type App, LIMITS, type Picture, writeChunk } from '../../demo/app.js'
import type { Client } from '../../src/index.js'
import { makeTrouble, start, until, visit } from './support.js'

const MANY_BYTES = 600_000

/** Sends an image as the page does; `onItem` may make trouble on the way. */
async function analyse(client: Client<App>, image: Buffer, onItem = async (_item: AnalyseItem) => {}) {
  let sent = 0
  for await (const item of client.stream('analyse', { size: image.length })) {
    await onItem(item)
    if (item.step === 'done') return item.picture
    if (item.step !== 'upload') continue
    for (; sent < image.length && sent - item.received < 2 * LIMITS.chunk; sent += LIMITS.chunk) {
      client.send(writeChunk(item.upload, sent, image.subarray(sent, sent + LIMITS.chunk)))
    }
  }
  throw new Error('ended without a picture')
}

const halves = () =>
  sharp({ create: { width: 200, height: 100, channels: 3, background: '#ff0000' } }).composite([
    { input: { create: { width: 50, height: 100, channels: 3, background: '#0000ff' } }, left: 0, top: 0 },
  ])

test('an image is read: format, size, colours by share, histogram', async () => {
  const client = await visit(await start(), 'Ada')
  const image = await sharp(await halves().png().toBuffer())
    .removeAlpha()
    .png()
    .toBuffer()
  const picture: Picture = await analyse(client, image)
  expect(picture).toMatchObject({ format: 'png', width: 200, height: 100, bytes: image.length, hasAlpha: false })
  expect(picture.colours.map(({ hex, share }) => [hex, Math.round(share * 100)])).toEqual([
    ['#ff0000', 75],
    ['#0000ff', 25],
  ])
  const { red, green, blue } = picture.histogram
  expect([red[63], green[0], blue[63]]).toEqual([0.75, 1, 0.25])
  expect(red.reduce((sum, count) => sum + count)).toBeCloseTo(1)
})

test.each(['jpeg', 'webp', 'gif', 'avif', 'tiff'] as const)('%s is read', async (format) => {
  const client = await visit(await start(), 'Ada')
  const picture = await analyse(client, await halves().toFormat(format).toBuffer())
  expect(picture).toMatchObject({ format: format === 'avif' ? expect.stringMatching(/avif|heif/) : format, width: 200 })
  expect(picture.colours.length).toBeGreaterThan(1)
})

test('grey and transparent images are read too', async () => {
  const client = await visit(await start(), 'Ada')
  const grey = await analyse(client, await halves().greyscale().png().toBuffer())
  expect(grey.colours[0]?.hex).toMatch(/^#(..)\1\1$/)
  const clear = await sharp({ create: { width: 9, height: 9, channels: 4, background: '#00000000' } })
    .png()
    .toBuffer()
  expect(await analyse(client, clear)).toMatchObject({ hasAlpha: true, colours: [{ hex: '#ffffff', share: 1 }] })
})

test('progress is told piece by piece', async () => {
  const client = await visit(await start(), 'Ada')
  const image = await sharp(randomBytes(MANY_BYTES), { raw: { width: 500, height: 400, channels: 3 } })
    .png()
    .toBuffer()
  const received: number[] = []
  await analyse(client, image, async (item) => {
    if (item.step === 'upload') received.push(item.received)
  })
  expect(received[0]).toBe(0)
  expect(received.at(-1)).toBe(image.length)
  expect(received.length).toBeGreaterThan(5)
  expect(received).toEqual([...received].sort((a, b) => a - b))
})

test('in a cut the upload goes on where it was', async () => {
  const demo = await start()
  const client = await visit(demo, 'Ada')
  const image = await sharp(randomBytes(MANY_BYTES), { raw: { width: 500, height: 400, channels: 3 } })
    .png()
    .toBuffer()
  const received: number[] = []
  const picture = await analyse(client, image, async (item) => {
    if (item.step !== 'upload') return
    received.push(item.received)
    if (item.received >= 200_000 && client.stats.reconnects === 0) {
      await makeTrouble(demo, 'cut')
      await until(() => client.stats.reconnects, 1)
    }
  })
  expect(client.stats.reconnects).toBe(1)
  expect(received).toEqual([...new Set(received)].sort((a, b) => a - b))
  expect(picture).toMatchObject({ width: 500, height: 400, bytes: image.length })
})

test.each([
  ['a text', Buffer.from('This is not a picture.'), 'not_an_image', /not an image/],
  [
    'an SVG',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    'not_an_image',
    /not an image/,
  ],
  ['nothing', Buffer.alloc(0), 'empty', /empty/],
  ['too many bytes', Buffer.alloc(LIMITS.image + 1), 'too_large', /10 MB are the limit/],
])('%s is refused in words', async (_what, file, code, message) => {
  const client = await visit(await start(), 'Ada')
  await expect(analyse(client, file)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a damaged image and one with too many pixels are refused in words', async () => {
  const client = await visit(await start(), 'Ada')
  const whole = await sharp(randomBytes(30_000), { raw: { width: 100, height: 100, channels: 3 } })
    .png()
    .toBuffer()
  await expect(analyse(client, whole.subarray(0, 9_000))).rejects.toMatchObject({ code: 'not_readable' })
  const huge = await sharp({ create: { width: 10_000, height: 6_000, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  await expect(analyse(client, huge)).rejects.toMatchObject({
    code: 'too_large',
    message: 'This image has more than 50 million pixels.',
  })
})
