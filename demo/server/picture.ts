import sharp, { type CreateRaw } from 'sharp'
import type { Picture } from '../app.js'
import { refusal } from './input.js'

/** Formats that pages show and sharp reads without running anything of theirs, as SVG would have it. */
const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif', 'avif', 'heif', 'tiff'])

const MAX_PIXELS = 50_000_000
const MAX_SECONDS = 10
/** Colours that are told, of those that the image is simplified to: a palette of 4 bits. */
const COLOURS = 6
const PALETTE = 16
const STEPS = 64

/** Reads an image. Throws a refusal for what is none, or has too many pixels. */
export async function readPicture(bytes: Buffer): Promise<Picture> {
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined)
  if (!metadata || !FORMATS.has(metadata.format)) {
    throw refusal('not_an_image', 'This is not an image that the server can read: try a JPEG, PNG, WebP, GIF or AVIF.')
  }
  if (metadata.width * metadata.height > MAX_PIXELS) {
    throw refusal('too_large', `This image has more than ${MAX_PIXELS / 1_000_000} million pixels.`)
  }
  try {
    const { data, info } = await sharp(bytes)
      .timeout({ seconds: MAX_SECONDS })
      .resize(256, 256, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const size = { width: info.width, height: info.height, channels: info.channels }
    return {
      format: metadata.format,
      width: metadata.width,
      height: metadata.height,
      bytes: bytes.length,
      hasAlpha: metadata.hasAlpha,
      colours: await commonColours(data, size),
      histogram: histogram(data, info.channels),
    }
  } catch (error) {
    throw refusal('not_readable', `This image is damaged: ${error instanceof Error ? error.message : error}`)
  }
}

/** Has the image drawn with few colours, as a PNG with a palette, and counts them. */
async function commonColours(data: Buffer, raw: CreateRaw): Promise<Picture['colours']> {
  const simple = await sharp(data, { raw }).png({ palette: true, colours: PALETTE, dither: 0 }).toBuffer()
  const pixels = await sharp(simple).removeAlpha().toColourspace('srgb').raw().toBuffer()
  const counts = new Map<string, number>()
  for (let i = 0; i < pixels.length; i += 3) {
    const hex = `#${pixels.toString('hex', i, i + 3)}`
    counts.set(hex, (counts.get(hex) ?? 0) + 1)
  }
  return [...counts]
    .map(([hex, count]) => ({ hex, share: count / (pixels.length / 3) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, COLOURS)
}

function histogram(data: Buffer, channels: number): Picture['histogram'] {
  const counts = [0, 1, 2].map((primary) => {
    const steps = new Array<number>(STEPS).fill(0)
    for (let i = primary; i < data.length; i += channels) {
      const step = Math.floor(((data[i] ?? 0) * STEPS) / 256)
      steps[step] = (steps[step] ?? 0) + 1
    }
    return steps
  })
  const highest = Math.max(1, ...counts.flat())
  const [red = [], green = [], blue = []] = counts.map((steps) => steps.map((count) => count / highest))
  return { red, green, blue }
}
