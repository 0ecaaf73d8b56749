/** What the side-by-side run asks of a library: a server that hears and says raw numbers, and a page that does. */
import { readFileSync } from 'node:fs'

export interface Contender {
  readonly name: string
  /** Starts a server on a free port of the loopback address. */
  serve(onHeard: (n: number) => void): Promise<ContenderServer>
  connect(url: string, notes: Notes): ContenderPage
}

export interface ContenderServer {
  readonly port: number
  /** To every page that there is. */
  say(n: number): void
  close(): void
}

export interface ContenderPage {
  say(n: number): void
  close(): void
}

/** What a page hears. */
export interface Notes {
  heard(n: number): void
  /** The library says that so many messages may not have arrived. */
  doubted(count: number): void
  /** It is connected anew, and says whether it missed nothing; `undefined` if it does not say. */
  reconnected(missedNothing: boolean | undefined): void
}

/** Waits that all contenders get, if they can be told. In ms. */
export const WAITS = { firstMs: 30, mostMs: 150, openMs: 400, stableMs: 100, pingMs: 200, pongMs: 300 }

/** The name with the version that is installed. */
export function nameOf(library: string): string {
  const file = new URL(`../../../node_modules/${library}/package.json`, import.meta.url)
  const { version } = JSON.parse(readFileSync(file, 'utf8'))
  return `${library} ${version}`
}
