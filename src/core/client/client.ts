/** What the app holds: one object over all that lies below. */
import type { UntypedApp } from '../../protocol/app.js'
import { MAX_REASON_BYTES, utf8Length } from '../../protocol/window.js'
import { createCounters } from '../../shared/counters.js'
import { createEmitter, type Report } from '../../shared/emitter.js'
import { HoldfastError, InvalidOption } from '../../shared/errors.js'
import type { Logger } from '../../shared/logger.js'
import type { State } from '../connection/state.js'
import { createMessenger } from '../messaging/messenger.js'
import type { Environment } from '../platform/environment.js'
import { explain } from './explain.js'
import { normalise } from './options.js'
import type { Client, ClientEvents, ConnectOptions, Explanation, Url } from './public.js'

export function createClient(
  url: Url | (() => Url | Promise<Url>),
  given: ConnectOptions,
  environment: Environment,
): Client<UntypedApp> {
  const options = normalise(url, given, environment)
  const { logger } = options
  const counters = createCounters()
  const waiting: [resolve: () => void, reject: (error: unknown) => void][] = []
  let opened = false
  let explained: State | undefined
  let snapshot: Explanation

  const log = (level: keyof Logger, message: string, detail: unknown): void => {
    try {
      logger[level](message, detail)
    } catch {
      // There is nobody left to tell.
    }
  }
  /** To who listens, else to the developer: never into the void. */
  const onError = (error: HoldfastError): void => {
    // A failed attempt is daily life, and the browser's console has it anyway.
    if (!emitter.emit('error', error)) log(error.code === 'CONNECT_FAILED' ? 'debug' : 'error', error.message, error)
  }
  const report: Report = (where, cause) => {
    const error = new HoldfastError('LISTENER', `${where} threw: catch it there.`, cause)
    // A listener of `error` that throws would be told of itself.
    if (where === 'A listener of error') log('error', error.message, error)
    else onError(error)
  }
  const emitter = createEmitter<ClientEvents>(report)

  const messenger = createMessenger(options, environment, counters, {
    onOpen() {
      if (opened) counters.reconnects++
      for (const [resolve] of waiting.splice(0)) resolve()
      emitter.emit('open', { reconnected: opened })
      opened = true
    },
    onEnd() {
      const error = session.ending()
      if (!error) return
      for (const [, reject] of waiting.splice(0)) reject(error)
      emitter.emit('end', error)
    },
    onChange() {
      emitter.emit('status', getSnapshot())
    },
    onFrame(direction, data) {
      if (emitter.hears('frame')) emitter.emit('frame', { direction, data })
    },
    onDrop({ data, owner }, why) {
      const drop = { why, data, channel: owner?.channel }
      if (!emitter.emit('drop', drop)) log('warn', 'Message dropped unsent', drop)
    },
    emit: emitter.emit,
    onError,
    report,
  })
  const { session, request, stream, handle } = messenger
  const { connection, queue } = session

  const getSnapshot = (): Explanation => {
    if (explained !== connection.state) {
      explained = connection.state
      snapshot = explain(explained, connection.lastClose)
    }
    return snapshot
  }

  // On a server that renders there is no WebSocket: the client stays idle there.
  if (options.autoConnect && environment.WebSocket) connection.start()

  return {
    get status() {
      return connection.state.status
    },
    get stats() {
      return {
        ...counters,
        queuedMessages: queue.messages,
        unacknowledged: queue.kept,
        queuedBytes: queue.bytes,
        openRequests: messenger.openCalls,
        attempts: connection.state.attempts,
      }
    },
    on: emitter.on,
    opened: () =>
      new Promise((resolve, reject) => {
        const error = session.ending()
        if (error) reject(error)
        else if (session.isOpen()) resolve()
        else waiting.push([resolve, reject])
      }),
    send(data, { volatile } = {}) {
      // From JavaScript anything may come; what has no size would make the limits of the queue void.
      if (typeof data !== 'string' && !('byteLength' in Object(data)) && !('size' in Object(data))) {
        throw new InvalidOption('data', 'text, bytes or a Blob')
      }
      if (volatile) session.sendVolatile(data, '')
      else session.send(data)
    },
    request,
    stream,
    handle,
    channel(name, { join } = {}) {
      const room = messenger.room(name)
      if (join !== undefined && join !== false) room.keepJoined(join === true ? undefined : join)
      return room.channel
    },
    reconnect() {
      const { state } = connection
      if (state.status === 'closed' && state.final) throw session.ending()
      connection.start()
    },
    close(code = 1000, reason = '') {
      if (code !== 1000 && !(code >= 3000 && code <= 4999)) throw new InvalidOption('code', '1000 or 3000 to 4999')
      if (utf8Length(reason) > MAX_REASON_BYTES) throw new InvalidOption('reason', 'at most 123 bytes')
      session.close(code, reason)
    },
    explain: getSnapshot,
    subscribe: (listener) => emitter.on('status', listener),
    getSnapshot,
  }
}
