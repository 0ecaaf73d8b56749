/**
 * Members that nobody outside sees, by the names that they have in the built files: a minifier cannot know which may be
 * renamed, and in the client every byte counts. The source maps have the names of the sources.
 *
 * One list for all files of the build, since the core and its addons are built together. test/internal-names.test.ts
 * holds what makes it safe: none of these is a public name, one of the platform, or a word on the wire.
 */
const NAMES = `
  adopt call canRefresh confirm confirmSent dial doubtful dueAt emit ending forget greet heard isIn isNew keepJoined keeper
  left onAbort onBegin onChange onConfirmed onData onDead onDrop onEnd onForgotten onItem onJoined onOpen onResult
  onSocketOpen openCalls owner peek probe putBack receive receiveAuth resend restMs room
  sendVolatile sending state submit tell written
`

const LETTERS = 'etnrsioaclupdfhmgvbwyxkjqzETNRSIOACLUPDFHMGVBWYXKJQZ'

/** Name in the sources → name in the built files. */
export const internalNames = Object.fromEntries(
  NAMES.trim()
    .split(/\s+/)
    .map((name, place) => [name, LETTERS.charAt(place)]),
)

/** The same as options of esbuild. */
export const mangling = {
  mangleProps: new RegExp(`^(?:${Object.keys(internalNames).join('|')})$`),
  mangleCache: internalNames,
}
