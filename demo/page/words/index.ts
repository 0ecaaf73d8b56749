import { en, type Words } from './en.js'
import { chooseLanguage, LANGUAGES, type Language } from './language.js'
import { zh } from './zh.js'

const KEY = 'language'

const language = chooseLanguage(localStorage.getItem(KEY), navigator.languages)

/** All that the page says by itself, in the language of whoever reads it. */
export const words: Words = { en, zh }[language]

const isOfPage = (key: string): key is keyof Words['page'] => Object.hasOwn(words.page, key)

/** Fills in what index.html leaves to be said, and the switch to the other language. */
export function speak(): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : language
  const fill = (mark: string, put: (element: HTMLElement, text: string) => void): void => {
    for (const element of document.querySelectorAll<HTMLElement>(`[data-${mark}]`)) {
      const key = element.dataset[mark] ?? ''
      if (isOfPage(key)) put(element, words.page[key])
    }
  }
  fill('text', (element, text) => {
    element.textContent = text
  })
  fill('label', (element, text) => {
    element.ariaLabel = text
  })
  fill('placeholder', (element, text) => element.setAttribute('placeholder', text))
  offer(language === 'en' ? 'zh' : 'en')
}

function offer(other: Language): void {
  const button = document.getElementById('language')
  if (!button) return
  button.textContent = LANGUAGES[other]
  button.lang = other
  button.addEventListener('click', () => {
    localStorage.setItem(KEY, other)
    location.reload()
  })
}
