/** Pages in this process, on sockets of `ws`. */
import { WebSocket } from 'ws'
import { resumable } from '../../src/addons/resume/index.js'
import type { ConnectOptions } from '../../src/index.js'
import { startPage } from './page.js'
import type { Place } from './trial.js'

/** `options`: in place of those of the page. */
export const inNode = (options: ConnectOptions = {}): Place => ({
  name: 'node',
  async open(plan) {
    const page = startPage(plan, { session: resumable(), environment: { WebSocket }, ...options })
    return {
      start: async () => page.start(),
      diary: async () => page.diary(),
      sayLastWords: async () => page.sayLastWords(),
      close: async () => page.close(),
    }
  },
  async close() {},
})
