/** The same contract in three libraries, so that each is tested with each. */
import { type as ark } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { defineContract, type } from '../../../src/addons/contract/index.js'

const taken = async (name: string): Promise<boolean> => {
  await new Promise((resolve) => setImmediate(resolve))
  return name !== 'taken'
}

/** Texts that become times, defaults, and a check that takes its time. */
export const contracts = {
  zod: defineContract({
    requests: {
      sum: { params: z.array(z.number()), result: z.number(), idempotent: true, timeoutMs: 500 },
      when: { params: z.string(), result: z.string().transform((text) => new Date(text)) },
      register: { params: z.string().refine(taken, 'is taken'), result: z.string() },
      count: { params: z.object({ to: z.number().default(3) }), item: z.number(), result: z.number() },
    },
    serverRequests: { confirm: { params: z.string(), result: z.boolean() } },
    channels: {
      chat: {
        message: z.object({ text: z.string(), at: z.string().transform((text) => new Date(text)) }),
        name: z.string().refine(taken, 'is taken'),
        say: { data: z.string(), direction: 'up' },
        said: { data: z.string(), direction: 'down' },
        free: type<number>(),
      },
    },
  }),
  valibot: defineContract({
    requests: {
      sum: { params: v.array(v.number()), result: v.number(), idempotent: true, timeoutMs: 500 },
      when: {
        params: v.string(),
        result: v.pipe(
          v.string(),
          v.transform((text) => new Date(text)),
        ),
      },
      register: { params: v.pipeAsync(v.string(), v.checkAsync(taken, 'is taken')), result: v.string() },
      count: { params: v.object({ to: v.optional(v.number(), 3) }), item: v.number(), result: v.number() },
    },
    serverRequests: { confirm: { params: v.string(), result: v.boolean() } },
    channels: {
      chat: {
        message: v.object({
          text: v.string(),
          at: v.pipe(
            v.string(),
            v.transform((text) => new Date(text)),
          ),
        }),
        name: v.pipeAsync(v.string(), v.checkAsync(taken, 'is taken')),
        say: { data: v.string(), direction: 'up' },
        said: { data: v.string(), direction: 'down' },
        free: type<number>(),
      },
    },
  }),
  // Without checks that take their time: arktype has none.
  arktype: defineContract({
    requests: {
      sum: { params: ark('number[]'), result: ark('number'), idempotent: true, timeoutMs: 500 },
      when: { params: ark('string'), result: ark('string').pipe((text) => new Date(text)) },
      register: {
        params: ark('string').narrow((name, ctx) => name !== 'taken' || ctx.mustBe('free')),
        result: ark('string'),
      },
      count: { params: ark({ to: 'number = 3' }), item: ark('number'), result: ark('number') },
    },
    serverRequests: { confirm: { params: ark('string'), result: ark('boolean') } },
    channels: {
      chat: {
        message: ark({ text: 'string', at: ark('string').pipe((text) => new Date(text)) }),
        name: ark('string').narrow((name, ctx) => name !== 'taken' || ctx.mustBe('free')),
        say: { data: ark('string'), direction: 'up' },
        said: { data: ark('string'), direction: 'down' },
        free: type<number>(),
      },
    },
  }),
}
