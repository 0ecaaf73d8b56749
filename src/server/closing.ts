import { type ReconnectWindow, truncateReason, writeWindow } from '../protocol/window.js'

/** RFC 6455, 7.4: the codes that an endpoint may send. */
export const mayBeSent = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999))

/** The reason as it travels: with the window, and cut to what fits. */
export const closeReason = (reason: string, window: ReconnectWindow | undefined): string =>
  window ? writeWindow(reason, window) : truncateReason(reason)
