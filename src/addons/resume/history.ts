import type { ChannelHistory, SessionReports } from '../../core/session/plugin.js'
import type { Position } from '../../protocol/frames.js'

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value)

/** Remembers the last event of each channel that has a history, and tells what is missing (P13.4 to P13.8). */
export function createHistory({ emit }: Pick<SessionReports, 'emit'>): ChannelHistory {
  const positions = new Map<string, Position>()
  return {
    since: (channel) => positions.get(channel),
    onJoined(channel, position) {
      const before = positions.get(channel)
      const { epoch, offset, recovered }: Partial<Record<string, unknown>> = Object(position)
      // What is recovered follows, and is counted as it comes.
      if (recovered && before) return
      positions.delete(channel)
      if (typeof epoch !== 'string' || !isOffset(offset)) return
      positions.set(channel, { epoch, offset })
      if (!before) return
      const from = before.offset + 1
      if (before.epoch !== epoch) emit('gap', { channel, from, why: 'epoch' })
      else if (offset >= from) emit('gap', { channel, from, to: offset, why: 'history' })
    },
    isNew(channel, offset) {
      const position = positions.get(channel)
      if (!position || !isOffset(offset)) return true
      if (offset <= position.offset) return false
      position.offset = offset
      return true
    },
  }
}
