/** Where messages for the developer go. `console` is one. */
export interface Logger {
  /** What goes on. holdfast says nothing there so far. */
  debug(message: string, ...details: unknown[]): void
  /** What holdfast could put right itself. */
  warn(message: string, ...details: unknown[]): void
  /** What no listener took. */
  error(message: string, ...details: unknown[]): void
}
