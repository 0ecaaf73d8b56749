/** Each task in a page of its own, in Chromium: pages in which nobody looks, as all of the benchmark. */
import { type BenchBrowser, startChromium } from '../driver/browser.js'
import { type Site, startSite } from '../driver/site.js'
import type { FaultResult, FaultTaskName } from '../page/faults.js'
import type { Job, RunTask } from './stand.js'

export interface Pages {
  readonly runTask: RunTask
  close(): Promise<void>
}

export async function openPages(peers: readonly string[]): Promise<Pages> {
  const [site, browser] = await Promise.all([startSite(peers), startChromium()])
  return {
    runTask: (peer, job) => runIn(site, browser, peer, job),
    async close() {
      await browser.close()
      site.close()
    },
  }
}

async function runIn<Name extends FaultTaskName>(
  site: Site,
  browser: BenchBrowser,
  peer: string,
  { task, args, url, limitMs, onMark = () => {} }: Job<Name>,
): Promise<FaultResult<Name>> {
  const slot = site.newSlot()
  const close = await browser.open(slot.address(peer), true)
  try {
    const result = await slot.run(() => ({ name: task, args, url, controlUrl: '' }), limitMs, onMark)
    // The page is made from the same sources, and gives what its task gives.
    return result as FaultResult<Name>
  } finally {
    slot.close()
    await close()
  }
}
