import { Live } from './live'
import { ROOM } from './room'

/** Rendered on the server for each visit. */
export const dynamic = 'force-dynamic'

export default function Page() {
  return (
    <main>
      <h1>{ROOM}</h1>
      <Live url={process.env.LIVE_URL ?? '/ws'} />
    </main>
  )
}
