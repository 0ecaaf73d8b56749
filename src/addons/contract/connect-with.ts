import {
  type Client,
  type CloseInfo,
  type ConnectOptions,
  connect,
  HoldfastError,
  InvalidOption,
  RemoteError,
  type Url,
} from '../../index.js'
import type { ContractShape, PageContract, Validate } from '../../protocol/contract.js'
import { checkContract, createPatience, examine, type Fields, hashOf } from '../../protocol/examine.js'
import { INTERNAL, INVALID_PARAMS } from '../../protocol/frames.js'
import { wireOf } from '../../protocol/wire.js'

/** Options of `connect`, and one of the contract. */
export interface ContractOptions extends ConnectOptions {
  /**
   * Which values are checked. `'in'`: what comes. `'both'`: what goes, too. `'none'`: none. Default `'in'`.
   *
   * An event that fails is dropped, a request of the server is answered with -32602, and an answer or an item ends its
   * request with code `CONTRACT`. Each is counted (`stats.protocolErrors`); the first of a connection is reported as
   * `error` with that code, and its message names the field. What goes out wrong throws, or rejects, with that code, and
   * does not go. What is sent goes at once: a schema that answers later makes `'both'` throw `InvalidOption` there.
   */
  validate?: Validate
}

/**
 * `connect` with a contract: its types, its checks, and its `idempotent` and `timeoutMs` for requests that do not say
 * otherwise. Asks the server for its contract, and reports another one as `error` with code `CONTRACT_SKEW`, once.
 * Throws what `connect` throws.
 */
export function connectWith<App>(
  contract: PageContract<App>,
  url: Url | ((lastClose?: CloseInfo) => Url | Promise<Url>),
  options?: ContractOptions,
): Client<App>
export function connectWith(
  contract: ContractShape,
  url: Url | (() => Url | Promise<Url>),
  { validate = 'in', wire = 'json', ...options }: ContractOptions = {},
): Client {
  checkContract(contract, validate)
  const inner = wireOf(wire)
  const patience = createPatience(options.environment?.timer ?? timer)
  let hash: number | undefined
  let isSkewed = false

  const client = connect(url, {
    ...options,
    wire: {
      encode(frame) {
        if (validate === 'both') {
          const examined = examine(contract, frame, 'up', patience)
          if (examined instanceof Promise) throw new InvalidOption('validate', 'in: this schema answers later')
          if (examined.fault) throw examined.fault
        }
        return inner.encode(frame)
      },
      decode(data, methodOf) {
        const inspect = (value: unknown): unknown => {
          if (Array.isArray(value)) return Promise.all(value.map(inspect)).then((taken) => taken.flat())
          const frame: Fields = Object(value)
          const method = methodOf?.(frame.id ?? 0)
          if (method === 'contract' && 'result' in frame && frame.result !== hash) {
            isSkewed = true
            return [new HoldfastError('CONTRACT_SKEW', 'The server has another contract.'), value]
          }
          if (validate === 'none') return value
          const examined = examine(contract, value, 'down', patience, method)
          return examined instanceof Promise ? examined.then(settle) : settle(examined)
        }
        const decoded = inner.decode(data, methodOf)
        return decoded instanceof Promise ? decoded.then(inspect) : inspect(decoded)
      },
    },
  })
  const { request, handle } = client
  client.request = (method, params, rest) => request(method, params, { ...contract.requests?.[method], ...rest })
  client.handle = (method, handler) =>
    handle(method, (params, context) => {
      if (!(params instanceof HoldfastError)) return handler(params, context)
      const code = Array.isArray(params.cause) ? INVALID_PARAMS : INTERNAL
      throw new RemoteError({ code, message: params.message })
    })
  client.on('end', patience.end)
  client.on('open', () => {
    hash ??= hashOf(contract)
    // What it is compared with is the answer; a server without a contract has none to give.
    if (!isSkewed) request('contract', hash).catch(() => {})
  })
  return client
}

/** What the core is to take for a frame: with a fault, that, and who waits for the frame is told by it. */
function settle(frame: Fields): unknown {
  const { fault, ...rest } = frame
  if (!fault) return frame
  if (rest.channel !== undefined && rest.event !== undefined) return [fault]
  return [fault, 'method' in rest ? { ...rest, params: fault } : { id: rest.id, error: fault }]
}

const timer = (callback: () => void, ms: number): (() => void) => {
  const started = setTimeout(callback, ms)
  return () => clearTimeout(started)
}
