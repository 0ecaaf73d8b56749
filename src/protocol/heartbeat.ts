/** Heartbeat texts of the plain wire (PROTOCOL.md, section 3). */
export const PING = 'ping'
export const PONG = 'pong'

/** A ping of a server that also says how often it will ping: `ping 15000`. */
export const announcePing = (intervalMs: number): string => `${PING} ${intervalMs}`

/**
 * The interval that a ping announces, in milliseconds; 0 if it announces none; `undefined` if the text is no ping.
 * At most eight digits are read (27 hours), so that a hostile number cannot overflow a timer.
 */
export function readPing(text: string): number | undefined {
  const ping = /^ping(?: (\d{1,8}))?$/.exec(text)
  return ping ? Number(ping[1] ?? 0) : undefined
}
