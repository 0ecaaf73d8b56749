/** Contracts as AsyncAPI documents: the official parser takes them, and they say what the contract says. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { Parser } from '@asyncapi/parser'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type as ark, scope } from 'arktype'
import { build } from 'esbuild'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ContractShape, type } from '../../src/addons/contract/index.js'
import { command } from '../../src/cli/asyncapi/command.js'
import { toAsyncApi } from '../../src/cli/asyncapi/document.js'

const SECOND = 1_000

const parser = new Parser()

/** The document, and what the parser has against it. Advice, such as to name a license, does not count. */
async function parse(contract: ContractShape) {
  const raw = toAsyncApi(contract, { title: 'Test', version: '1.2.3' })
  const { document, diagnostics } = await parser.parse(JSON.stringify(raw))
  return { raw, document, errors: diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message) }
}

const schemaOf = (raw: ReturnType<typeof toAsyncApi>, id: string) => raw.components.schemas[id]

interface Tree {
  name: string
  children: Tree[]
}
const zodTree = z.object({
  name: z.string(),
  get children() {
    return z.array(zodTree)
  },
})
const valibotTree: v.GenericSchema<Tree> = v.object({ name: v.string(), children: v.array(v.lazy(() => valibotTree)) })
const arkTree = scope({ tree: { name: 'string', children: 'tree[]' } }).export().tree

const LIBRARIES = {
  zod: { text: z.object({ text: z.string() }), number: z.number(), tree: zodTree, inside: z.object({ tree: zodTree }) },
  valibot: {
    text: toStandardJsonSchema(v.object({ text: v.string() })),
    number: toStandardJsonSchema(v.number()),
    tree: toStandardJsonSchema(valibotTree),
    inside: toStandardJsonSchema(v.object({ tree: valibotTree })),
  },
  arktype: { text: ark({ text: 'string' }), number: ark('number'), tree: arkTree, inside: ark({ tree: arkTree }) },
}

describe.each(Object.entries(LIBRARIES))('with schemas of %s', (_library, { text, number, tree, inside }) => {
  const contract = {
    requests: { sum: { params: number, result: text }, watch: { params: inside, item: tree, result: tree } },
    serverRequests: { confirm: { params: text, result: number } },
    channels: { chat: { message: text, moved: { data: tree, direction: 'down' } } },
  } as const

  test('the parser has nothing against the document, and finds each operation in it', async () => {
    const { document, errors } = await parse(contract)
    expect(errors).toEqual([])
    const operations = document?.operations().all() ?? []
    expect(operations.map((operation) => `${operation.action()} ${operation.id()}`)).toEqual([
      'receive requests.sum',
      'receive requests.watch',
      'send serverRequests.confirm',
      'receive chat.message.receive',
      'send chat.message.send',
      'send chat.moved.send',
    ])
  })

  test('each schema is there as it says what it is', async () => {
    const { raw } = await parse(contract)
    expect(schemaOf(raw, 'sum.params')).toEqual({ type: 'number' })
    expect(schemaOf(raw, 'chat.message')).toMatchObject({
      type: 'object',
      properties: { text: { type: 'string' } },
      required: ['text'],
    })
    expect(JSON.stringify(raw)).not.toContain('$schema')
  })

  test('a schema that contains itself refers to what is in the document', async () => {
    const { document } = await parse(contract)
    const message = document?.channels().get('chat')?.messages().get('moved')
    const child = message?.payload()?.property('data')?.property('children')?.items()
    const node = Array.isArray(child) ? child[0] : child
    expect(node?.property('name')?.type()).toBe('string')
    expect(node?.property('children')?.type()).toBe('array')
  })
})

test('a request is received and its answers are replies, in frames as they travel', async () => {
  const sum = { params: z.array(z.number()), result: z.number(), idempotent: true, timeoutMs: 5_000 }
  const { raw, document, errors } = await parse({ requests: { sum } })
  expect(errors).toEqual([])
  expect(raw.info).toMatchObject({ title: 'Test', version: '1.2.3' })
  expect(raw.operations['requests.sum']).toEqual({
    action: 'receive',
    channel: { $ref: '#/channels/requests' },
    title: 'sum',
    messages: [{ $ref: '#/channels/requests/messages/sum' }],
    reply: {
      channel: { $ref: '#/channels/requests' },
      messages: [
        { $ref: '#/channels/requests/messages/sum.result' },
        { $ref: '#/channels/requests/messages/sum.error' },
      ],
    },
    'x-idempotent': true,
    'x-timeoutMs': 5_000,
  })
  const operation = document?.operations().get('requests.sum')
  expect(operation?.messages().all()[0]?.payload()?.json()).toMatchObject({
    properties: { method: { const: 'sum' }, params: { type: 'array', items: { type: 'number' } } },
    required: ['id', 'method', 'params'],
  })
  const [result, error] = operation?.reply()?.messages().all() ?? []
  expect(result?.payload()?.json()).toMatchObject({
    properties: { result: { type: 'number' } },
    required: ['id', 'result'],
  })
  expect(error?.payload()?.json()).toMatchObject({
    properties: { error: { required: ['code', 'message'] } },
    required: ['id', 'error'],
  })
  expect(result?.correlationId()?.location()).toBe('$message.payload#/id')
})

test('a stream replies with items, and says that it is one', async () => {
  const { raw, errors } = await parse({ requests: { tokens: { params: z.string(), item: z.string() } } })
  expect(errors).toEqual([])
  const { description, reply } = raw.operations['requests.tokens'] ?? {}
  expect(description).toMatch(/^A stream: any number of items, /)
  expect(reply?.messages.map(({ $ref }) => $ref.split('/').at(-1))).toEqual([
    'tokens.item',
    'tokens.result',
    'tokens.error',
  ])
  expect(schemaOf(raw, 'tokens.item')).toEqual({ type: 'string' })
})

test('a request of the server is sent', async () => {
  const { raw } = await parse({ serverRequests: { confirm: { result: z.boolean(), timeoutMs: 60_000 } } })
  expect(raw.operations['serverRequests.confirm']).toMatchObject({ action: 'send', 'x-timeoutMs': 60_000 })
  expect(raw.channels['serverRequests']?.messages['confirm']?.payload).toMatchObject({ required: ['id', 'method'] })
  expect(raw.channels['requests']).toBeUndefined()
})

test('an event goes as its direction says', async () => {
  const text = z.string()
  const { raw, errors } = await parse({
    channels: {
      chat: { both: text, up: { data: text, direction: 'up' }, down: { data: text, direction: 'down' }, bare: type() },
    },
  })
  expect(errors).toEqual([])
  expect(Object.entries(raw.operations).map(([id, { action }]) => [id, action])).toEqual([
    ['chat.both.receive', 'receive'],
    ['chat.both.send', 'send'],
    ['chat.up.receive', 'receive'],
    ['chat.down.send', 'send'],
    ['chat.bare.receive', 'receive'],
    ['chat.bare.send', 'send'],
  ])
  expect(raw.channels['chat']?.messages['up']).toEqual({
    name: 'up',
    summary: 'The event up on chat.',
    payload: {
      type: 'object',
      properties: {
        channel: { const: 'chat' },
        event: { const: 'up' },
        data: { $ref: '#/components/schemas/chat.up' },
      },
      required: ['channel', 'event', 'data'],
    },
  })
})

test('a schema says what travels, not what is made of it', async () => {
  const result = z.string().transform((text) => new Date(text))
  const { raw } = await parse({ requests: { birthday: { result } } })
  expect(schemaOf(raw, 'birthday.result')).toEqual({ type: 'string' })
})

test('what cannot say what it is may be anything, and says why', async () => {
  const { raw, errors } = await parse({
    requests: { ask: { params: type<string>(), result: z.date(), item: v.string() } },
  })
  expect(errors).toEqual([])
  const messages = raw.channels['requests']?.messages
  const said = (name: string, part: string) => Object(messages?.[name]?.payload['properties'])[part]
  expect(said('ask', 'params')).toEqual({
    description: 'A type without a schema: nothing is left of it when the code runs.',
  })
  expect(said('ask.result', 'result')).toEqual({
    description: 'The schema cannot say what it is: Date cannot be represented in JSON Schema',
  })
  expect(said('ask.item', 'item')).toEqual({
    description: 'The schema cannot say what it is: valibot gives it no jsonSchema (Standard JSON Schema).',
  })
})

test('a member may be missing where its schema takes nothing, or takes its time', async () => {
  const fail = () => Promise.reject(new Error('A database that cannot be reached'))
  const late = {
    '~standard': { version: 1, vendor: 'test', validate: fail, jsonSchema: { input: () => ({}) } },
  } as const
  const { raw } = await parse({
    channels: {
      chat: { must: z.string(), may: z.string().optional(), late, ark: ark('string'), normal: z.string().default('x') },
    },
  })
  const isRequired = (event: string) => raw.channels['chat']?.messages[event]?.payload['required']
  expect(isRequired('must')).toEqual(['channel', 'event', 'data'])
  expect(isRequired('ark')).toEqual(['channel', 'event', 'data'])
  expect(isRequired('may')).toEqual(['channel', 'event'])
  expect(isRequired('normal')).toEqual(['channel', 'event'])
  expect(isRequired('late')).toEqual(['channel', 'event'])
})

test('names that AsyncAPI does not take are told apart all the same', async () => {
  const text = z.string()
  const thing = z.object({ name: text }).meta({ id: 'my/thing~1' })
  const { raw, document, errors } = await parse({
    requests: { sum: {}, 'sum.result': {}, ask: { params: z.array(thing) } },
    channels: { requests: { 'a b': text, a_b: text }, 'room/{9}?#': { 'a b': text } },
  })
  expect(errors).toEqual([])
  expect(Object.keys(raw.channels)).toEqual(['requests', 'requests-2', 'room__9___'])
  expect(Object.values(raw.channels).map(({ title }) => title)).toEqual(['requests', 'requests', 'room/{9}?#'])
  expect(Object.keys(raw.channels['requests-2']?.messages ?? {})).toEqual(['a_b', 'a_b-2'])
  const replies = document?.operations().get('requests.sum')?.reply()?.messages().all()
  expect(replies?.map((message) => message.name())).toEqual(['sum.result', 'sum.error'])
  const params = document?.operations().get('requests.ask')?.messages().all()[0]?.payload()?.property('params')
  expect(params?.json()).toMatchObject({ items: { properties: { name: { type: 'string' } } } })
})

describe('the command', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'holdfast-asyncapi-'))
  const holdfast = JSON.stringify(path.resolve('src/addons/contract/index.ts'))
  const write = (name: string, text: string): string => {
    writeFileSync(path.join(home, name), text)
    return path.join(home, name)
  }

  beforeAll(async () => {
    symlinkSync(path.resolve('node_modules'), path.join(home, 'node_modules'), 'junction')
    await build({
      entryPoints: ['src/cli/asyncapi/main.ts'],
      outfile: path.join(home, 'asyncapi.mjs'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
    })
  })
  afterAll(() => rmSync(home, { recursive: true }))

  const TYPESCRIPT = `
    import { defineContract } from ${holdfast}
    import { z } from 'zod'
    import { limit } from './limit.js'
    export const contract = defineContract({ requests: { sum: { params: z.array(z.number()).max(limit) } } })
    export default contract
  `

  /** Runs it here; what it wrote, and its exit code. */
  async function runCommand(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    let [stdout, stderr] = ['', '']
    const code = await command(args, {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      loadTsx: () => Promise.reject(new Error('no such package')),
    })
    return { code, stdout, stderr }
  }

  /** Runs it as a program: built, since a Node that runs TypeScript by itself would hide what loads the contract. */
  const runProgram = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['asyncapi.mjs', ...args], { cwd: home, timeout: 30 * SECOND })

  test.each(['module', 'commonjs'])(
    'reads a contract in TypeScript in a package of type %s',
    async (kind) => {
      write('package.json', JSON.stringify({ type: kind }))
      write('contract.ts', TYPESCRIPT)
      write('limit.ts', 'export const limit: number = 3')
      const { stdout, stderr } = await runProgram('contract.ts')
      expect(stderr).toBe('')
      const raw = JSON.parse(stdout)
      expect(raw.info).toMatchObject({ title: 'contract', version: '1.0.0' })
      expect(raw.components.schemas['sum.params']).toEqual({ type: 'array', items: { type: 'number' }, maxItems: 3 })
      expect((await parser.parse(stdout)).diagnostics.filter(({ severity }) => severity === 0)).toEqual([])
    },
    60_000,
  )

  test('writes to a file, under the title and version it is given', async () => {
    const file = write('plain.mjs', 'export default { channels: { chat: { message: {} } } }')
    const out = path.join(home, 'asyncapi.json')
    const args = ['--out', out, '--title', 'Chat', '--version', '7.0.0']
    expect(await runCommand(file, ...args)).toEqual({ code: 0, stdout: '', stderr: '' })
    const raw = JSON.parse(readFileSync(out, 'utf8'))
    expect(raw.info).toMatchObject({ title: 'Chat', version: '7.0.0' })
    expect(Object.keys(raw.operations)).toEqual(['chat.message.receive', 'chat.message.send'])
  })

  test('takes one of several contracts', async () => {
    const file = write(
      'several.mjs',
      'export const a = { requests: { ask: {} } }; export const b = { channels: { chat: {} } }; export const c = 1',
    )
    const { code, stdout, stderr } = await runCommand(file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`${file} exports several contracts: choose with --export a or b.\n`)
    expect(Object.keys(JSON.parse((await runCommand(file, '--export', 'b')).stdout).channels)).toEqual(['chat'])
    expect((await runCommand(file, '--export', 'c')).stderr).toBe(
      `${file} exports no contract called c: there is a, b.\n`,
    )
  })

  test.each([
    [
      'none.mjs',
      'export const settings = { requests: {}, port: 1 }; export const empty = {}',
      /exports no contract: export what/,
    ],
    ['broken.mjs', 'throw new Error("boom")', /broken\.mjs cannot be loaded: boom\n$/],
    [
      'typed.ts',
      TYPESCRIPT,
      /^A contract in TypeScript needs the package tsx: install it with "npm install --save-dev tsx"\.\n$/,
    ],
  ])('says what is wrong with %s', async (name, text, message) => {
    const { code, stdout, stderr } = await runCommand(write(name, text))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
  })

  test('says that there is no such file, and where it cannot write', async () => {
    const missing = path.join(home, 'missing.ts')
    expect(await runCommand(missing)).toEqual({ code: 1, stdout: '', stderr: `There is no file ${missing}.\n` })
    const file = write('fine.mjs', 'export default { requests: {} }')
    const { code, stderr } = await runCommand(file, '--out', path.join(home, 'nowhere', 'asyncapi.json'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/^ENOENT: .*asyncapi\.json/)
  })

  test.each([
    [[], 'Expected one file.\n'],
    [['a.ts', 'b.ts'], 'Expected one file.\n'],
    [['a.ts', '--yaml'], "Unknown option '--yaml'"],
  ])('shows its usage for the arguments %j', async (args, message) => {
    const { code, stderr } = await runCommand(...args)
    expect(code).toBe(2)
    expect(stderr.startsWith(message)).toBe(true)
    expect(stderr).toContain('Usage: holdfast-asyncapi <file> [options]')
  })

  test('shows its usage for --help', async () => {
    const { code, stdout } = await runCommand('--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: holdfast-asyncapi <file>/)
  })
})
