/** What is measured, by the names under which `servers/main.ts` and `load/tongues.ts` know it. */
export const LIBRARIES = ['ws', 'ws, framed once', 'socket.io', 'socket.io, recovery', 'holdfast', 'holdfast, sessions']

/** Those whose handlers differ: framing and recovery are about what a server sends. */
export const HANDLERS = ['ws', 'socket.io', 'holdfast', 'holdfast, sessions']
