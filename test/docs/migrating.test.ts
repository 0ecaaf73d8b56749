/** The tables "you had, you write" name all that there was: each option, method and event of the library's types. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

/** Files of types of a library, and the declarations in them that its users see. */
interface Library {
  readonly page: string
  readonly types: { readonly [file: string]: readonly string[] }
  /** Events and arguments that are no members of a declaration. */
  readonly events?: readonly string[]
  /** Members that are nobody's business. */
  readonly inner?: readonly string[]
}

const LIBRARIES: readonly Library[] = [
  {
    page: 'reconnecting-websocket',
    types: {
      'reconnecting-websocket/dist/reconnecting-websocket.d.ts': ['Options', 'ReconnectingWebSocket', 'ListenersMap'],
    },
  },
  {
    page: 'partysocket',
    types: {
      'partysocket/ws-DfTZCobx.d.ts': ['Options', 'ReconnectingWebSocket', 'WebSocketEventMap'],
      'partysocket/index.d.ts': ['PartySocketOptions', 'PartySocket'],
      'partysocket/use-ws-BsVIY6Hj.d.ts': ['EventHandlerOptions', 'SocketOptions', 'useWebSocket'],
      'partysocket/react.d.ts': ['usePartySocket'],
    },
    inner: ['_pk', '_pkurl'],
  },
  {
    page: 'socket.io-client',
    types: {
      'socket.io-client/build/esm/manager.d.ts': ['ManagerOptions', 'ManagerReservedEvents', 'Manager'],
      'socket.io-client/build/esm/socket.d.ts': ['SocketOptions', 'SocketReservedEvents', 'Socket'],
      'engine.io-client/build/esm/socket.d.ts': ['SocketOptions'],
    },
    events: ['on', 'once', 'off', 'listeners', 'hasListeners', 'removeAllListeners', 'lookup', 'protocol'],
    inner: ['_autoConnect', '_readyState', '_reconnecting'],
  },
  {
    page: 'websocket-as-promised',
    types: {
      'websocket-as-promised/types/index.d.ts': ['WebSocketAsPromised', 'RequestOptions', 'WaitUnpackedMessageOptions'],
      'websocket-as-promised/types/options.d.ts': ['Options'],
    },
  },
  {
    page: 'rpc-websockets',
    types: {
      'rpc-websockets/dist/index.d.ts': ['CommonClient', 'IWSClientAdditionalOptions', 'WebSocketBrowserOptions'],
    },
    events: ['open', 'close', 'error', 'max_reconnects_reached', 'generate_request_id', 'dataPack', 'ws_opts'],
  },
]

/** Names that a declaration brings: its members, or for a function its own. */
function namesOf(file: string, wanted: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const names = source.statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement)) return statement.name?.text === wanted ? [wanted] : []
    const isThis =
      (ts.isInterfaceDeclaration(statement) ||
        ts.isClassDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement)) &&
      statement.name?.text === wanted
    return isThis ? membersIn(statement) : []
  })
  expect(names, `${wanted} in ${file}`).not.toEqual([])
  return names
}

/** The members of a declaration that are not private, those of its parts too. */
function membersIn(node: ts.Node): string[] {
  const isMember =
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isSetAccessor(node)
  if (!isMember) return node.getChildren().flatMap(membersIn)
  const hidden = ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)
  const isTagged = ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'private')
  return hidden || isTagged ? [] : [node.name.getText()]
}

/** What stands in backticks in the first cells of the tables of a page. */
const namedOn = (page: string): Set<string> =>
  new Set(
    [...readFileSync(`docs/migrating/${page}.md`, 'utf8').matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => code.match(/[\w$-]+/g) ?? []),
    ),
  )

describe.each(LIBRARIES)('the page on $page', ({ page, types, events = [], inner = [] }) => {
  test('names every option, method and event', () => {
    const names = Object.entries(types).flatMap(([file, wanted]) =>
      wanted.flatMap((name) => namesOf(path.join('node_modules', file), name)),
    )
    const named = namedOn(page)
    const missing = [...new Set([...names, ...events])].filter((name) => !inner.includes(name) && !named.has(name))
    expect(missing).toEqual([])
  })

  test('says for which version it is', () => {
    const { version } = JSON.parse(readFileSync(`node_modules/${page}/package.json`, 'utf8'))
    expect(readFileSync(`docs/migrating/${page}.md`, 'utf8')).toContain(`For version ${version}.`)
  })
})
