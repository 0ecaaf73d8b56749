import { useState } from 'react'
import type { Room } from '../app.js'
import { Count } from './count.js'
import { Forever } from './forever.js'
import { useStatus } from './live.js'
import { Chat } from './room.js'

export function Page() {
  const { status, why } = useStatus()
  const [room, setRoom] = useState<Room>('lobby')
  const [shown, setShown] = useState(true)
  return (
    <main>
      <p id="status" title={why}>
        {status}
      </p>
      <button id="switch" type="button" onClick={() => setRoom('garden')}>
        to the garden
      </button>
      <button id="hide" type="button" onClick={() => setShown(!shown)}>
        hide
      </button>
      {shown && (
        <>
          <Chat room={room} />
          <Count to={3} />
          <Forever />
        </>
      )}
    </main>
  )
}
