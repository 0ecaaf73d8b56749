import { describe, expect, test } from 'vitest'
import * as holdfast from '../../src/index.js'

const { HoldfastError } = holdfast

const ERRORS = [
  [new holdfast.InvalidOption('queue.ttlMs', 'a number'), 'INVALID_OPTION'],
  [new holdfast.ClientClosed('Closed.'), 'CLOSED'],
  [new holdfast.QueueFull(), 'QUEUE_FULL'],
  [new holdfast.MessageDropped('expired'), 'DROPPED'],
  [new holdfast.RequestTimeout('sum', 500), 'TIMEOUT'],
  [new holdfast.DeliveryUnknown('sum'), 'DELIVERY_UNKNOWN'],
  [new holdfast.RemoteError({ code: 'no', message: 'No.', data: 1 }), 'no'],
] as const

describe('an error', () => {
  test.each(ERRORS)('%o is one of the family, with a code and a sentence', (error, code) => {
    expect(error).toBeInstanceOf(HoldfastError)
    expect(error).toBeInstanceOf(Error)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(/\S/)
    expect(error.stack).toContain('errors.test')
  })

  test('keeps its cause', () => {
    const cause = new Error('why')
    expect(new HoldfastError('X', 'x', cause).cause).toBe(cause)
    expect(new holdfast.InvalidOption('url', 'an address', cause).cause).toBe(cause)
  })

  test('of the server keeps its code, message and data', () => {
    expect(new holdfast.RemoteError({ code: 7, message: 'm', data: { a: 1 } })).toMatchObject({
      code: 7,
      message: 'm',
      data: { a: 1 },
    })
  })

  test('every class that is exported is held by a test here', () => {
    const classes = Object.values(holdfast).filter(({ prototype }) => prototype instanceof HoldfastError)
    expect(new Set(ERRORS.map(([error]) => error.constructor))).toEqual(new Set(classes))
  })
})
