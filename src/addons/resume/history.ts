import type { ChannelHistory, SessionReports } from '../../core/session/plugin.js'
import type { Position } from '../../protocol/frames.js'

const isPosition = (value: unknown): value is Position & { recovered: boolean } => {
  const { epoch, offset, recovered }: Partial<Record<string, unknown>> = Object(value)
  return typeof epoch === 'string' && Number.isSafeInteger(offset) && typeof recovered === 'boolean'
}

/** Remembers the last event of each channel that has a history, and tells what is missing (P13.4 to P13.8). */
export function createHistory(onGap: SessionReports['onGap']): ChannelHistory {
  const positions = new Map<string, Position>()
  return {
    since: (channel) => positions.get(channel),
    onJoined(channel, position) {
      const before = positions.get(channel)
      if (!isPosition(position)) {
        positions.delete(channel)
        return
      }
      const { epoch, offset, recovered } = position
      // What is recovered follows, and is counted as it comes.
      if (recovered && before) return
      positions.set(channel, { epoch, offset })
      if (!before) return
      const from = before.offset + 1
      if (before.epoch !== epoch) onGap({ channel, from, why: 'epoch' })
      else if (offset >= from) onGap({ channel, from, to: offset, why: 'history' })
    },
    isNew(channel, offset) {
      const position = positions.get(channel)
      if (!Number.isSafeInteger(offset) || !position) return true
      if (Number(offset) <= position.offset) return false
      position.offset = Number(offset)
      return true
    },
  }
}
