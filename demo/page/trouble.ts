import type { ActiveTrouble, TroubleName } from '../app.js'
import type { DemoClient } from './client.js'
import { byId, create, wordsOf } from './dom.js'
import { words } from './words/index.js'

/** How often the page looks what others have switched on, in ms. */
const LOOK_MS = 2_000

/** In the order of the buttons; those that last can be ended. */
const TROUBLES: readonly { name: TroubleName; lasts?: true }[] = [
  { name: 'cut' },
  { name: 'flap', lasts: true },
  { name: 'black-hole', lasts: true },
  { name: 'lost-answers', lasts: true },
  { name: 'slow', lasts: true },
  { name: 'refuse', lasts: true },
  { name: 'restart' },
  { name: 'kill' },
  { name: 'expire-token' },
]

export function startTrouble(client: DemoClient): void {
  const says = byId('trouble-says', HTMLParagraphElement)
  let active: { name: TroubleName; until: number }[] = []
  const isOn = (name: TroubleName) => active.find((trouble) => trouble.name === name)

  const press = async (name: TroubleName): Promise<void> => {
    const on = !isOn(name)
    try {
      const response = await fetch(`/trouble/${name}?on=${on}`, { method: 'POST' })
      if (!response.ok) throw new Error(await response.text())
      note(await response.json())
      says.textContent = on ? words.trouble[name].says : words.troubleOver
    } catch (error) {
      says.textContent = words.troubleFailed(wordsOf(error))
    }
  }

  const buttons = TROUBLES.map((trouble) => {
    const face = create('span')
    const button = create('button', { type: 'button', id: `trouble-${trouble.name}` }, face)
    button.addEventListener('click', () => void press(trouble.name))
    return { ...trouble, button, face }
  })
  byId('trouble-buttons', HTMLDivElement).append(...buttons.map(({ button }) => button))

  const draw = (): void => {
    active = active.filter(({ until }) => until > Date.now())
    for (const { name, lasts, button, face } of buttons) {
      const { label } = words.trouble[name]
      const on = isOn(name)
      if (lasts) button.setAttribute('aria-pressed', String(on !== undefined))
      face.textContent = on ? words.troubleOn(label, Math.ceil((on.until - Date.now()) / 1000)) : label
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
