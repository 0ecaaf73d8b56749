/** Languages that the page speaks, by the name that each gives itself. */
export const LANGUAGES = { en: 'English', zh: '中文' } as const

export type Language = keyof typeof LANGUAGES

const isLanguage = (value: unknown): value is Language => typeof value === 'string' && Object.hasOwn(LANGUAGES, value)

/** What was chosen with the switch, else the first of the browser's languages that the page speaks, else English. */
export const chooseLanguage = (chosen: string | null, preferred: readonly string[]): Language =>
  [chosen, ...preferred.map((tag) => tag.split('-')[0])].find(isLanguage) ?? 'en'
