// live.tsx
'use client'
import { connect } from 'holdfast'
import { ClientProvider, type Hooks, useChannel, useRequest, useStatus } from 'holdfast/react'
import { useState } from 'react'

interface App {
  requests: { topic: { params: { room: string }; result: string } }
  channels: { lobby: { message: { text: string } } }
}

const hooks: Pick<Hooks<App>, 'useChannel' | 'useRequest'> = { useChannel, useRequest }

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
  const topic = hooks.useRequest('topic', { room: 'lobby' })
  hooks.useChannel('lobby', { message: ({ text }) => setLines((lines) => [...lines, text]) }, { join: true })
  return (
    <>
      <p id="status">{status}</p>
      <p id="topic">{topic.isPending ? '…' : (topic.error?.message ?? topic.data)}</p>
      <p id="last">{lines.at(-1)}</p>
    </>
  )
}
