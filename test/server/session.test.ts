import { describe, expect, it, vi } from 'vitest'
import { house, meet, pass, virtualTime } from './support.js'

const join = (id: number, channel = 'chat') => ({ id, method: 'join', params: { channel } })
const event = (data: unknown, name = 'message') => ({ channel: 'chat', event: name, data })

describe('a session', () => {
  virtualTime()

  it('P11.3 P11.12 goes on after a cut: channels stay, and what was missed follows with its numbers', async () => {
    const onConnect = vi.fn()
    const onDisconnect = vi.fn()
    const { hub } = house({ channels: { chat: {} }, onConnect, onDisconnect })
    const page = await meet(hub)
    expect(page.ok).toMatchObject({ resumed: false, received: 0, sent: 0, ttlMs: 300_000, pingMs: 15_000 })
    page.say(join(1))
    await pass(0)
    hub.broadcast('chat', 'message', 'heard')
    const held = page.held
    page.socket.end()
    expect(hub.broadcast('chat', 'message', 'missed')).toBe(1)
    expect(hub.metrics()).toMatchObject({ connections: 0, sessions: 1, sessionsDetached: 1 })

    const back = await meet(hub, held)
    expect(back.ok).toMatchObject({ session: held.session, resumed: true, received: 1, sent: 3 })
    expect(back.heard).toEqual([{ number: 3, ack: 1, payload: event('missed') }])
    hub.broadcast('chat', 'message', 'again')
    expect(back.heard.at(-1)).toEqual({ number: 4, ack: 1, payload: event('again') })
    expect(onConnect).toHaveBeenCalledOnce()
    expect(onDisconnect).not.toHaveBeenCalled()
    expect(hub.metrics()).toMatchObject({
      connections: 1,
      sessionsDetached: 0,
      sessionsResumed: 1,
      messagesReplayed: 1,
    })
  })
})
