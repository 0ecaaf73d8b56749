// room.ts
import { type Hooks, useChannel, useRequest } from 'holdfast/react'

export interface App {
  requests: { topic: { params: { room: string }; result: string } }
  channels: { lobby: { message: { text: string } } }
}

export const hooks: Pick<Hooks<App>, 'useChannel' | 'useRequest'> = { useChannel, useRequest }

// The page that the server renders imports this too.
export const ROOM = 'lobby'
