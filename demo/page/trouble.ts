import type { ActiveTrouble, TroubleName } from '../app.js'
import type { DemoClient } from './client.js'
import { byId, create, wordsOf } from './dom.js'

/** How often the page looks what others have switched on, in ms. */
const LOOK_MS = 2_000

/** The buttons, and what to watch once one was pressed. */
const TROUBLES: readonly { name: TroubleName; label: string; says: string; lasts?: true }[] = [
  {
    name: 'cut',
    label: 'Cut',
    says: 'All connections were cut. Each page comes back at a random moment of the next second, and goes on where it was.',
  },
  {
    name: 'flap',
    label: 'Flap for 15\u00a0s',
    says: 'Cut again and again, as on a train. Write something meanwhile.',
    lasts: true,
  },
  {
    name: 'black-hole',
    label: 'Black hole',
    says: 'Nothing passes, and nobody is told. Wait: the heartbeat notices after a few seconds.',
    lasts: true,
  },
  {
    name: 'lost-answers',
    label: 'Lose all answers',
    says: 'The server hears and acts, and nothing comes back. Write something: it will be there once.',
    lasts: true,
  },
  {
    name: 'slow',
    label: 'Slow by 800\u00a0ms',
    says: 'Everything takes 800 ms longer, each way. Watch the round trip.',
    lasts: true,
  },
  {
    name: 'refuse',
    label: 'Refuse for 10\u00a0s',
    says: 'Cut, and nobody gets in. Watch the waits grow, and write something meanwhile.',
    lasts: true,
  },
  {
    name: 'restart',
    label: 'Restart the server (planned)',
    says: 'The next server is there already. Each page goes over at a random moment of 4 s, without a cut: no stampede.',
  },
  {
    name: 'kill',
    label: 'Kill the server',
    says: 'It is gone, with all that it remembered but the database. In 2 s there is another: the pages say what is in doubt.',
  },
  {
    name: 'expire-token',
    label: 'Expire the token',
    says: 'Cut, and the old token is refused. The page fetches another, and its session goes on.',
  },
]

export function startTrouble(client: DemoClient): void {
  const says = byId('trouble-says', HTMLParagraphElement)
  let active: { name: TroubleName; until: number }[] = []
  const isOn = (name: TroubleName) => active.find((trouble) => trouble.name === name)

  const press = async ({ name, says: words }: { name: TroubleName; says: string }): Promise<void> => {
    const on = !isOn(name)
    try {
      const response = await fetch(`/trouble/${name}?on=${on}`, { method: 'POST' })
      if (!response.ok) throw new Error(await response.text())
      note(await response.json())
      says.textContent = on ? words : 'It is over, and everything is as before.'
    } catch (error) {
      says.textContent = `That did not work: ${wordsOf(error)}`
    }
  }

  const buttons = TROUBLES.map((trouble) => {
    const words = create('span')
    const button = create('button', { type: 'button', id: `trouble-${trouble.name}` }, words)
    button.addEventListener('click', () => void press(trouble))
    return { ...trouble, button, words }
  })
  byId('trouble-buttons', HTMLDivElement).append(...buttons.map(({ button }) => button))

  const draw = (): void => {
    active = active.filter(({ until }) => until > Date.now())
    for (const { name, label, lasts, button, words } of buttons) {
      const on = isOn(name)
      if (lasts) button.setAttribute('aria-pressed', String(on !== undefined))
      words.textContent = on ? `${label}: end it (${Math.ceil((on.until - Date.now()) / 1000)}\u00a0s)` : label
    }
  }
  const note = (list: ActiveTrouble[]): void => {
    active = list.map(({ name, leftMs }) => ({ name, until: Date.now() + leftMs }))
    draw()
  }
  const look = async (): Promise<void> => {
    if (document.hidden) return
    // Without the demo's server there is nothing to see, and the connection says so.
    const response = await fetch('/trouble').catch(() => undefined)
    if (response?.ok) note(await response.json())
  }

  draw()
  setInterval(draw, 500)
  setInterval(look, LOOK_MS)
  client.on('close', () => void look())
}
