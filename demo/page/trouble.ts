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
    says: 'All connections were cut. Each page comes back at a random moment of the next second.',
  },
  {
    name: 'black-hole',
    label: 'Black hole',
    says: 'Nothing passes, and nobody is told. Wait: the heartbeat notices after a few seconds.',
    lasts: true,
  },
  {
    name: 'slow',
    label: 'Slow by 800 ms',
    says: 'Everything takes 800 ms longer, each way. Watch the round trip.',
    lasts: true,
  },
  {
    name: 'refuse',
    label: 'Refuse for 10 s',
    says: 'Cut, and nobody gets in. Watch the waits grow, and write something meanwhile.',
    lasts: true,
  },
  {
    name: 'restart',
    label: 'Restart the server',
    says: 'The server tells everybody when to come back, and is gone for 2 s. The history is kept.',
  },
  {
    name: 'throw-away',
    label: 'Throw everybody out',
    says: 'Everybody was sent away and told to come back at a random moment of 4 s: no stampede.',
  },
  {
    name: 'expire-token',
    label: 'Expire the token',
    says: 'The server closed with 4401. The page fetches a new token and comes back with it.',
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
      says.textContent = `The server of the demo did not answer: ${wordsOf(error)}`
    }
  }

  const buttons = TROUBLES.map((trouble) => {
    const button = create('button', { type: 'button', id: `trouble-${trouble.name}` })
    button.addEventListener('click', () => void press(trouble))
    return { ...trouble, button }
  })
  byId('trouble-buttons', HTMLDivElement).append(...buttons.map(({ button }) => button))

  const draw = (): void => {
    active = active.filter(({ until }) => until > Date.now())
    for (const { name, label, lasts, button } of buttons) {
      const on = isOn(name)
      if (lasts) button.setAttribute('aria-pressed', String(on !== undefined))
      button.textContent = on ? `${label}: end it (${Math.ceil((on.until - Date.now()) / 1000)} s)` : label
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
