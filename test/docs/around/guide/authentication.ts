/** Users with tokens: ada's first has ended, mary's will end soon; grace has a cookie. */
import type { ServerClient } from '../../../../src/server/index.js'

export interface App {
  requests: { whoami: { result: string } }
  serverRequests: { token: { result: string } }
}

const LIFE_MS = 50
const GOOD_VERSION = 2

let user = 'ada'
let version = GOOD_VERSION - 1

export const getToken = (): string => `${user} ${version}`

export async function refreshToken(): Promise<void> {
  version++
}

export const isLoggedIn = (): boolean => user !== ''

export async function signIn(name: string): Promise<void> {
  user = name
  version = GOOD_VERSION
}

export function signOut(): void {
  user = ''
  version = 0
}

export const showStatus = (_message: string): void => {}

/** Its form sets a cookie, which is the browser's. */
export async function logIn(_name: string): Promise<void> {
  Object.assign(document, { cookie: 'session=s3cret' })
}

export function userOfToken(token: unknown): string | undefined {
  const [name, number] = `${token}`.split(' ')
  return Number(number) >= GOOD_VERSION ? name : undefined
}

export const userOfCookie = (cookie: string | undefined): string | undefined =>
  cookie?.includes('session=s3cret') ? 'grace' : undefined

export const isBanned = (name: string): boolean => name === 'mallory'

let ended = false
/** Resolves once, for mary. */
export async function shortlyBeforeItEnds(client: ServerClient<App>): Promise<void> {
  const lasts = ended || client.subject !== 'mary'
  ended ||= !lasts
  await new Promise<void>((resolve) => !lasts && setTimeout(resolve, LIFE_MS))
}
