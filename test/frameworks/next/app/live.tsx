// live.tsx
'use client'
import { connect } from 'holdfast'
import { ClientProvider, useStatus } from 'holdfast/react'
import { useState } from 'react'
import { type App, hooks, ROOM } from './room'

export function Live({ url }: { url: string }) {
  return (
    <ClientProvider client={() => connect<App>(url, { autoConnect: false })}>
      <Lobby />
    </ClientProvider>
  )
}

function Lobby() {
  const { status } = useStatus()
  const [lines, setLines] = useState<string[]>([])
  const topic = hooks.useRequest('topic', { room: ROOM })
  hooks.useChannel(ROOM, { message: ({ text }) => setLines((lines) => [...lines, text]) }, { join: true })
  return (
    <>
      <p id="status">{status}</p>
      <p id="topic">{topic.isPending ? '…' : (topic.error?.message ?? topic.data)}</p>
      <p id="last">{lines.at(-1)}</p>
    </>
  )
}
