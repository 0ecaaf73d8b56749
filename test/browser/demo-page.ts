import { expect } from 'vitest'
import type { Page } from './drivers/index.js'
import { WITHIN } from './in-page.js'

/** What stands in the first element that matches; an empty text if there is none. */
export const textOf = (page: Page, selector: string): Promise<string> =>
  page.evaluate((selector) => document.querySelector(selector)?.textContent?.trim() ?? '', selector)

/** What stands in each element that matches. */
export const textsOf = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(
    (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent?.trim() ?? ''),
    selector,
  )

/** Waits until the page is connected and has drawn all its parts, and so stands still: a click goes to a place. */
export async function settled(page: Page): Promise<void> {
  await expect.poll(() => shownStatus(page), WITHIN).toBe('open')
  await expect.poll(() => textOf(page, '#count-reconnects'), WITHIN).toBe('0')
}

/** The status that the page shows at the top. */
export const shownStatus = (page: Page): Promise<string> => textOf(page, '#status')

/** Texts of the chat, as they stand on the page. */
export const chatTexts = (page: Page): Promise<string[]> => textsOf(page, '#chat-log .message p')

/** What the page says of its session, in between what people say. */
export const notes = (page: Page): Promise<string[]> => textsOf(page, '#chat-log .between')

/** What the page says of the last of its own messages. */
export const lastMark = async (page: Page): Promise<string> =>
  (await textsOf(page, '#chat-log .message.own .mark')).at(-1) ?? ''

/** Types something in a field and sends its form. */
export async function submit(page: Page, field: string, words: string): Promise<void> {
  await page.type(field, words)
  await page.press('Enter')
}

/** Presses a button of trouble, and waits until the server has done it. */
export async function press(page: Page, trouble: string): Promise<void> {
  const says = () => textOf(page, '#trouble-says')
  const before = await says()
  await page.click(`#trouble-${trouble}`)
  await expect.poll(says, WITHIN).not.toBe(before)
  expect(await says()).not.toMatch(/did not work/)
}
