import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Builder, By, Capabilities, type WebDriver, Key as WebDriverKey } from 'selenium-webdriver'
import { findWebKit } from '../../../scripts/machine.mjs'
import { asExpression, type Browser, type Engine, type Key, type Page } from './engine.js'
import { freePort } from './free-port.js'

/** Longest time for one command, in ms. A command that WebKit never answers must not hold up all that follow. */
const COMMAND_LIMIT_MS = 20_000

const KEYS: Record<Key, string> = {
  Tab: WebDriverKey.TAB,
  Enter: WebDriverKey.ENTER,
  Space: WebDriverKey.SPACE,
  ArrowDown: WebDriverKey.ARROW_DOWN,
  ArrowRight: WebDriverKey.ARROW_RIGHT,
  End: WebDriverKey.END,
  Escape: WebDriverKey.ESCAPE,
}

export const webkitEngine: Engine = {
  name: 'webkit',
  async launch() {
    const found = findWebKit()
    if (!found) {
      throw new Error("WebKit is missing. Install it: on Debian, the packages 'webkit2gtk-driver' and 'xvfb'.")
    }
    // WebKitGTK has no headless mode: it draws on a screen that exists only in memory.
    const screen = spawn(found.xvfb, ['-displayfd', '3', '-screen', '0', '1600x1200x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const display = `:${await firstLine(screen.stdio[3] as Readable)}`
    const port = await freePort()
    // With the locale C the page's language would be 'C', which Intl throws on.
    const env = { ...process.env, DISPLAY: display, LC_ALL: 'en_US.UTF-8' }
    const driver = spawn(found.driver, [`--port=${port}`], { env, stdio: 'ignore' })
    const address = `http://127.0.0.1:${port}`
    const stop = () => Promise.all([end(driver), end(screen)])
    try {
      await answers(`${address}/status`)
      const capabilities = new Capabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: found.browser, args: ['--automation'] },
      })
      const session = await new Builder().usingServer(address).withCapabilities(capabilities).build()
      return browserOf(session, await session.getWindowHandle(), stop)
    } catch (error) {
      await stop()
      throw error
    }
  },
}

function browserOf(session: WebDriver, firstWindow: string, stop: () => Promise<unknown>): Browser {
  // WebDriver speaks to one window at a time, so that pages take turns.
  let turn: Promise<unknown> = Promise.resolve()
  /** The window that is spoken to: to switch for nothing would double the commands. */
  let current: string | undefined
  const switchTo = async (window: string) => {
    if (current === window) return
    current = undefined
    await session.switchTo().window(window)
    current = window
  }
  const inTurn = <Result>(action: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(() => limited(action()))
    turn = result.catch(() => {})
    return result
  }
  return {
    async newPage(url) {
      const handle = await inTurn(async () => {
        // The one that stays: the page that had its turn last may be closed.
        await switchTo(firstWindow)
        // A window, since a tab opened by WebDriver stays behind the others, hidden.
        await session.switchTo().newWindow('window')
        current = await session.getWindowHandle()
        return current
      })
      const page = adapt(session, (action) =>
        inTurn(async () => {
          await switchTo(handle)
          return action()
        }),
      )
      await page.resize(1280, 900)
      await page.goto(url)
      return page
    },
    async close() {
      try {
        await limited(session.quit())
      } finally {
        await stop()
      }
    },
  }
}

function adapt(session: WebDriver, inWindow: <Result>(action: () => Promise<Result>) => Promise<Result>): Page {
  const find = (selector: string) => session.findElement(By.css(selector))
  const resize = async (width: number, height: number) => {
    await session.manage().window().setRect({ width, height })
  }
  return {
    goto: (url) => inWindow(() => session.get(url)),
    // The driver's own way: it loses a script that meets the change of pages, and waits for it for ever.
    back: () => inWindow(() => session.navigate().back()),
    evaluate: (inPage, ...args) => inWindow(() => session.executeScript(`return ${asExpression(inPage, args)}`)),
    click: (selector) => inWindow(() => find(selector).click()),
    type: (selector, text) => inWindow(() => find(selector).sendKeys(text)),
    press: (key) => inWindow(() => session.actions().sendKeys(KEYS[key]).perform()),
    upload: (selector, file) => inWindow(() => find(selector).sendKeys(file)),
    resize: (width, height) => inWindow(() => resize(width, height)),
    screenshot: (path) => inWindow(async () => writeFile(`${path}.png`, await session.takeScreenshot(), 'base64')),
    hide: () =>
      inWindow(async () => {
        await session.manage().window().minimize()
      }),
    // To set the size of a minimized window is to restore it.
    show: () => inWindow(() => resize(1280, 900)),
    close: () => inWindow(() => session.close()),
  }
}

/** A command's result, or an error after the limit. */
async function limited<Result>(command: Promise<Result>): Promise<Result> {
  const over = new AbortController()
  const limit = delay(COMMAND_LIMIT_MS, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new Error(`WebKit did not answer a command within ${COMMAND_LIMIT_MS} ms.`)
  })
  limit.catch(() => {})
  try {
    return await Promise.race([command, limit])
  } finally {
    over.abort()
  }
}

async function firstLine(stream: Readable): Promise<string> {
  const [line] = await once(stream, 'data', { signal: AbortSignal.timeout(10_000) })
  return String(line).trim()
}

/** Waits until a server has come up. */
async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      await fetch(url)
      return
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Nothing answers at ${url}.`, { cause: error })
    }
    await delay(50)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
