import { create } from './dom.js'
import type { Shown } from './overview.js'
import { aboutReport, Panel } from './panel.js'
import { type Inspected, record } from './recorder.js'
import { type Limits, Recording } from './recording.js'
import type { Redact } from './redaction.js'
import { readReport, writeReport } from './report.js'
import { STYLE } from './style.js'

const MAX_FRAMES = 10_000
const MAX_BYTES = 16 * 2 ** 20
/** More rows than this a browser cannot scroll through: a page is at most some 17 million pixels high. */
const MOST_FRAMES = 400_000
/** How often figures, ages and countdowns are drawn, in ms. */
const TICK_MS = 250
/** A round trip that the frames have told less than so many ms ago is not noted once more. */
const SAMPLE_MS = 1000
/** Shortest time between two drawings of what arrives, in ms. */
const DRAW_MS = 100

/** On a server that renders there are no elements: there it is a class that nobody makes anything of. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? class {}

/**
 * `<holdfast-inspector>`: shows what a client does. Nothing is recorded, and nothing listens to frames, until it is open
 * or has `record`. It is in the page that holds what is recorded: with its element it is gone.
 */
export class HoldfastInspector extends Base {
  static readonly observedAttributes = ['open', 'record', 'max-frames', 'max-bytes']

  readonly #limits: Limits = { maxFrames: MAX_FRAMES, maxBytes: MAX_BYTES }
  readonly #panel = new Panel({
    onToggle: () => {
      this.open = !this.open
    },
    onClear: () => this.clear(),
    onExport: () => this.#save(),
    onImport: (file) => void this.import(file, file.name),
    onLive: () => this.#show(undefined),
    onMore: () => this.#drawSoon(),
  })
  /** Whether it is in a page, and has begun. */
  #isIn = false
  #client: Inspected | undefined
  #redact: Redact | undefined
  #recording = new Recording(this.#limits)
  #report: Shown | undefined
  /** What has to end when nothing is recorded any more, and when the element leaves the page. */
  #endRecording: (() => void) | undefined
  #ends: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #frame = 0
  #ticker: ReturnType<typeof setInterval> | undefined
  #drawnAt = 0
  /** The round trip that was looked at last. */
  #sampled: number | undefined

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    addStyle(root)
    root.append(...this.#panel.parts)
  }

  /** The client to look at. Another one begins another recording. Default none. */
  get client(): Inspected | undefined {
    return this.#client
  }

  set client(client: Inspected | undefined) {
    if (client === this.#client) return
    this.#end()
    this.#client = client
    this.#recording = new Recording(this.#limits)
    if (this.#isIn) this.#begin()
  }

  /**
   * Gives what is kept in place of each payload, called before anything is kept, so that no export can contain more.
   * Keys and tokens of the handshake are never kept. Default: payloads are kept as they are.
   */
  get redact(): Redact | undefined {
    return this.#redact
  }

  set redact(redact: Redact | undefined) {
    this.#redact = redact
  }

  /** Whether it is unfolded, and so records. The attribute of the same name. */
  get open(): boolean {
    return this.hasAttribute('open')
  }

  set open(isOpen: boolean) {
    this.toggleAttribute('open', isOpen)
  }

  /** Whether it records while it is folded, too. The attribute of the same name. */
  get record(): boolean {
    return this.hasAttribute('record')
  }

  set record(isOn: boolean) {
    this.toggleAttribute('record', isOn)
  }

  /** Most frames that are kept, up to 400,000; older ones go. The attribute `max-frames`. Default 10,000. */
  get maxFrames(): number {
    return this.#limits.maxFrames
  }

  set maxFrames(count: number) {
    this.setAttribute('max-frames', String(count))
  }

  /** Most bytes of frames that are kept; one of more than a quarter is kept without payload. `max-bytes`. Default 16 MiB. */
  get maxBytes(): number {
    return this.#limits.maxBytes
  }

  set maxBytes(count: number) {
    this.setAttribute('max-bytes', String(count))
  }

  /** Forgets what was recorded. */
  clear(): void {
    this.#recording = new Recording(this.#limits)
    this.#show(undefined)
    this.#endRecording?.()
    this.#endRecording = undefined
    this.#follow()
  }

  /** What is shown, as JSON Lines for a bug report. Format: docs/guide/inspector.md. */
  export(): Blob {
    const { recording, explain, stats } = this.#shown
    const { userAgent } = navigator
    const about = { userAgent, discarded: recording.discarded, explain: explain(), stats: stats() }
    return new Blob([...writeReport(recording.entries, about)], { type: 'application/x-ndjson' })
  }

  /** Shows a report in place of the client, which goes on being recorded. What is wrong with it is said in its place. */
  async import(file: Blob, name = 'Report'): Promise<void> {
    try {
      const report = await readReport(file, this.#limits)
      const { header, recording } = report
      const at = Date.parse(header.exportedAt)
      this.#show({ recording, explain: () => header.explain, stats: () => header.stats, now: () => at })
      this.#panel.tell(aboutReport(name, report), false)
    } catch (error) {
      this.#panel.tell([`${name}: ${error instanceof Error ? error.message : error}`], true)
    }
  }

  connectedCallback(): void {
    // What was set before this class was known is a property of the object, and hides the accessor.
    for (const name of ['redact', 'maxFrames', 'maxBytes', 'record', 'open', 'client']) {
      if (!Object.hasOwn(this, name)) continue
      const value: unknown = Reflect.get(this, name)
      Reflect.deleteProperty(this, name)
      Reflect.set(this, name, value)
    }
    this.#isIn = true
    this.addEventListener('dragover', this.#onDrag)
    this.addEventListener('drop', this.#onDrop)
    this.#begin()
  }

  disconnectedCallback(): void {
    this.#isIn = false
    this.#end()
  }

  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    const number = Number(value)
    const given = Number.isInteger(number) && number > 0 ? number : undefined
    if (name === 'max-frames') this.#limits.maxFrames = Math.min(given ?? MAX_FRAMES, MOST_FRAMES)
    else if (name === 'max-bytes') this.#limits.maxBytes = given ?? MAX_BYTES
    else this.#follow()
  }

  get #shown(): Shown {
    return (
      this.#report ?? {
        recording: this.#recording,
        explain: () => this.#client?.explain(),
        stats: () => this.#client?.stats,
        now: Date.now,
      }
    )
  }

  #show(report: Shown | undefined): void {
    this.#report = report
    this.#panel.tell([], false)
    this.#drawSoon()
  }

  #begin(): void {
    this.#ends = [this.#panel.observe()]
    if (this.#client) this.#ends.push(this.#client.on('status', () => this.#drawSoon()))
    this.#follow()
    this.#draw()
  }

  #end(): void {
    this.#endRecording?.()
    this.#endRecording = undefined
    for (const end of this.#ends.splice(0)) end()
    clearInterval(this.#ticker)
    this.#ticker = undefined
    this.#cancelDrawing()
  }

  /** Records and ticks as long as there is a reason to. */
  #follow(): void {
    const isWanted = this.#isIn && (this.open || this.record)
    if (!isWanted || !this.#client) {
      this.#endRecording?.()
      this.#endRecording = undefined
    } else if (!this.#endRecording) {
      const recording = this.#recording
      if (recording.end > 0) recording.addNote({ type: 'note', at: Date.now(), text: 'Not recorded up to here.' })
      this.#endRecording = record(this.#client, recording, {
        redact: () => this.#redact,
        onChange: () => this.#drawSoon(),
      })
    }
    clearInterval(this.#ticker)
    this.#ticker = isWanted ? setInterval(() => this.#tick(), TICK_MS) : undefined
    this.#drawSoon()
  }

  #tick(): void {
    if (this.#endRecording) this.#sample()
    if (this.open && !document.hidden) this.#drawSoon()
  }

  /** For heartbeats in texts of the app's own, whose frames do not say that they are some. */
  #sample(): void {
    const { roundTripMs } = this.#client?.stats ?? {}
    if (roundTripMs === undefined || roundTripMs === this.#sampled || this.#client?.explain().status !== 'open') return
    this.#sampled = roundTripMs
    const now = Date.now()
    const { at = 0, roundTripMs: last } = this.#recording.samples.at(-1) ?? {}
    if (last === undefined || now - at > SAMPLE_MS) this.#recording.addSample({ at: now, roundTripMs })
  }

  #drawSoon(): void {
    if (!this.#isIn) return
    const wait = Math.max(0, this.#drawnAt + DRAW_MS - performance.now())
    this.#timer ??= setTimeout(() => {
      this.#frame = requestAnimationFrame(() => this.#draw())
    }, wait)
  }

  #cancelDrawing(): void {
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
    this.#timer = undefined
  }

  #draw(): void {
    this.#cancelDrawing()
    this.#drawnAt = performance.now()
    this.#panel.draw(this.#shown, this.open)
  }

  #save(): void {
    const link = create('a', {
      href: URL.createObjectURL(this.export()),
      download: `holdfast-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.jsonl`,
    })
    link.click()
    // Some browsers read it only after the click.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    this.#panel.say('Exported.')
  }

  readonly #onDrag = (event: DragEvent): void => {
    if (this.open && event.dataTransfer?.types.includes('Files')) event.preventDefault()
  }

  readonly #onDrop = (event: DragEvent): void => {
    const file = event.dataTransfer?.files[0]
    if (!this.open || !file) return
    event.preventDefault()
    void this.import(file, file.name)
  }
}

let sheet: CSSStyleSheet | undefined

/** As a sheet, which a page may have whatever its Content-Security-Policy says of styles. */
function addStyle(root: ShadowRoot): void {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(STYLE)
    }
    root.adoptedStyleSheets = [sheet]
  } catch {
    root.append(create('style', {}, STYLE))
  }
}
