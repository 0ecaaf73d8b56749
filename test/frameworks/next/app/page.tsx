import { Live } from './live'

/** Rendered on the server for each visit. */
export const dynamic = 'force-dynamic'

export default function Page() {
  return (
    <main>
      <h1>Lobby</h1>
      <Live url={process.env.LIVE_URL ?? '/ws'} />
    </main>
  )
}
