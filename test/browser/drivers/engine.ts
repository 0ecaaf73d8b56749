/** What the tests ask of a browser, whatever drives it: the three adapters beside this file give it. */

export interface Engine {
  readonly name: 'chromium' | 'firefox' | 'webkit'
  /** Starts the browser; throws with a sentence on what to install where it is missing. */
  launch(): Promise<Browser>
}

export interface Browser {
  /** Opens a page of its own, and shows it. */
  newPage(url: string): Promise<Page>
  /** Ends the browser with all its pages, and what was started to drive it. */
  close(): Promise<void>
}

export interface Page {
  goto(url: string): Promise<void>
  /** Goes back in the history. What comes next may still find the page that is left. */
  back(): Promise<void>
  /**
   * Runs a function in the page and waits for what it returns. The function travels as text: it can use its arguments
   * and the page's globals, nothing around it.
   */
  evaluate<Args extends readonly unknown[], Result>(inPage: InPage<Args, Result>, ...args: Args): Promise<Result>
  click(selector: string): Promise<void>
  /** Types at the end of a field. */
  type(selector: string, text: string): Promise<void>
  /** Presses a key wherever the focus is. */
  press(key: Key): Promise<void>
  /** Picks a file in a file field. */
  upload(selector: string, file: string): Promise<void>
  resize(width: number, height: number): Promise<void>
  /** Writes a picture of the page to `path` with `.png` added. */
  screenshot(path: string): Promise<void>
  /** Makes it a page that nobody sees, with `document.visibilityState` `'hidden'`. */
  hide(): Promise<void>
  /** Brings it back to the front. */
  show(): Promise<void>
  close(): Promise<void>

  /** Takes the network away and gives it back. Absent where the engine cannot. */
  setOffline?(offline: boolean): Promise<void>
  /** Freezes the page, which must be hidden, or thaws it. Absent where the engine cannot. */
  setFrozen?(frozen: boolean): Promise<void>
  /** Absent where the engine cannot. */
  setColorScheme?(scheme: 'light' | 'dark'): Promise<void>
}

/** A function to run in a page. */
export type InPage<Args extends readonly unknown[], Result> = (...args: Args) => Result | Promise<Result>

export type Key = 'Tab' | 'Enter' | 'Space' | 'ArrowDown' | 'ArrowRight' | 'End' | 'Escape'

/** A function and its arguments as one expression, which is all that the three drivers have in common. */
export const asExpression = (inPage: (...args: never[]) => unknown, args: readonly unknown[]): string =>
  `(${inPage})(...${JSON.stringify(args)})`
