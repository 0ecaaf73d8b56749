/** What a browser loads: the page's half of a run, for a driver to start. */
import { resumable } from '../../src/addons/resume/index.js'
import { type Page, type PagePlan, startPage } from './page.js'

declare global {
  interface Window {
    chaos: { open(plan: PagePlan): void; page: Page | undefined }
  }
}

window.chaos = {
  page: undefined,
  open(plan) {
    this.page = startPage(plan, { session: resumable() })
  },
}
