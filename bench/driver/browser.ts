/** Browsers whose pages nobody looks into: the driver only opens and closes them. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium, findFirefox } from '../../scripts/machine.mjs'

export interface BenchBrowser {
  readonly name: 'chromium' | 'firefox'
  readonly version: string
  /** The process that all others of the browser come from, while there is one. */
  readonly pid: number | undefined
  /** How to tell, by its command line, a process that runs pages. */
  isPageProcess(command: string): boolean
  /**
   * Opens a page in a process of its own; gives what closes it. `isBeside`: in a window of its own, so that pages beside
   * it are seen too, which costs the browser more.
   */
  open(url: string, isBeside?: boolean): Promise<() => Promise<void>>
  close(): Promise<void>
}

const ARGS = [
  ...CHROMIUM_ARGS,
  // `gc()` for the measures of memory, and figures that are not rounded.
  '--js-flags=--expose-gc',
  '--enable-precise-memory-info',
]

export async function startChromium(): Promise<BenchBrowser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
  const browser = await chromium.launch({ executablePath, args: ARGS })
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const pid = processInfo.find(({ type }) => type === 'browser')?.id
  if (pid === undefined) throw new Error('Chromium does not say which its process is.')
  // Pages are tabs of this one.
  await session.send('Target.createTarget', { url: 'about:blank', newWindow: true })
  return {
    name: 'chromium',
    version: browser.version(),
    pid,
    isPageProcess: (command) => command.includes('--type=renderer'),
    async open(url, isBeside = false) {
      const { targetId } = await session.send('Target.createTarget', { url, newWindow: isBeside })
      return async () => {
        await session.send('Target.closeTarget', { targetId })
      }
    },
    close: () => browser.close(),
  }
}

const FIREFOX_PREFS = `
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("app.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
`

/** Firefox is started anew for each page: that is the one way to open a page in it without its remote protocol. */
export function firefoxForOnePage(): BenchBrowser {
  const executable = findFirefox()
  if (!executable) throw new Error("Firefox is missing. Install it: on Debian, the package 'firefox-esr'.")
  let pid: number | undefined
  return {
    name: 'firefox',
    version: execFileSync(executable, ['--version'], { encoding: 'utf8' })
      .replace(/^.*?(?=\d)/, '')
      .trim(),
    get pid() {
      return pid
    },
    isPageProcess: (command) => command.includes('-contentproc') && command.trimEnd().endsWith(' tab'),
    async open(url) {
      const profile = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-'))
      writeFileSync(path.join(profile, 'user.js'), FIREFOX_PREFS)
      const child = spawn(executable, ['--headless', '--no-remote', '--profile', profile, url], { stdio: 'ignore' })
      pid = child.pid
      return async () => {
        await new Promise<void>((resolve) => {
          child.once('exit', () => resolve())
          child.kill()
        })
        pid = undefined
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
      }
    },
    async close() {},
  }
}
