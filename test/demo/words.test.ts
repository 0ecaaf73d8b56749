import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { en } from '../../demo/page/words/en.js'
import { chooseLanguage } from '../../demo/page/words/language.js'
import { zh } from '../../demo/page/words/zh.js'

describe('the language', () => {
  test.each([
    ['that of the browser', null, ['zh-CN', 'en'], 'zh'],
    ['the first that the page speaks', null, ['de-DE', 'en-GB', 'zh'], 'en'],
    ['English, where it speaks none', null, ['de', 'fr'], 'en'],
    ['the one that was chosen, first of all', 'en', ['zh-TW'], 'en'],
    ['not one that somebody has put there', '__proto__', ['zh'], 'zh'],
  ])('is %s', (_what, chosen, preferred, expected) => {
    expect(chooseLanguage(chosen, preferred)).toBe(expected)
  })
})

/** All texts of a language, those of its functions apart. */
const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

test('each text is in its own language', () => {
  const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text)
  expect(textsOf(en).filter(isChinese)).toEqual([])
  expect(textsOf(zh).filter((text) => !isChinese(text))).toEqual([])
})

test('the page has a place for each text, and a text for each place', () => {
  const html = readFileSync('demo/page/index.html', 'utf8')
  const places = new Set([...html.matchAll(/data-(?:text|label|placeholder)="([^"]+)"/g)].map(([, key]) => key))
  const { title, ...page } = en.page
  expect(html).toContain(`<title>${title}</title>`)
  expect([...places].sort()).toEqual(Object.keys(page).sort())
})

describe('what went wrong, in Chinese', () => {
  test('comes from the code, and from the server only where that is unknown', () => {
    expect(zh.error('too_long', 'The text is longer than 2000 characters.')).toBe('太长了。')
    expect(zh.error('odd', 'Something odd.')).toBe('Something odd.')
    expect(en.error('too_long', 'The text is longer.')).toBe('The text is longer.')
  })

  test('says why it is not connected, and how the last connection ended', () => {
    const lastClose = { code: 1006, reason: '', wasClean: false, policy: 'retry', unconfirmed: 0 } as const
    const waiting = { status: 'waiting', waitingFor: 'retry', why: '', attempts: 1, lastClose } as const
    expect(zh.why(waiting)).toBe('等待下一次尝试。上次关闭：1006 （网络）')
    expect(zh.why({ status: 'open', why: 'Connected.', attempts: 0, lastClose })).toBe('已连接。')
  })

  test('says what became of a session', () => {
    expect(zh.session.resumed({ replayed: 2, missedMs: 1500 })).toBe('1.5 秒后恢复，补发了 2 条消息。')
    expect(zh.session.lost({ why: 'unknown', unknown: 1, messages: [] })).toMatch(/服务器已经忘记它。这边有 1 条/)
    expect(zh.session.gap({ channel: 'chat', from: 4, to: 6, why: 'history' })).toMatch(/^缺了 3 个/)
  })
})
