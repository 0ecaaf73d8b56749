/**
 * What this machine has to test with: browsers, and other people's servers. Each function gives paths, or `undefined`.
 * Uses nothing but Node, since it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** @param {string} file */
const isExecutable = (file) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The first of these programs on the PATH, or among the usual folders that a PATH may lack.
 * @param {string[]} names
 * @returns {string | undefined}
 */
const findProgram = (...names) => {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']
  const extension = process.platform === 'win32' ? '.exe' : ''
  return names
    .flatMap((name) => folders.map((folder) => path.join(folder, name + extension)))
    .find((file) => isExecutable(file))
}

/** Chromium as playwright downloads it, once it is installed and has done so. */
const findPlaywrightChromium = () => {
  try {
    return createRequire(import.meta.url)('playwright-core').chromium.executablePath()
  } catch {
    return ''
  }
}

/**
 * Chromium or Chrome.
 * @returns {string | undefined}
 */
export const findChromium = () =>
  findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable') ??
  [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    findPlaywrightChromium(),
  ].find(isExecutable)

/** For a Chromium that is driven: it runs in a container too, and calls nobody by itself. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Firefox.
 * @returns {string | undefined}
 */
export const findFirefox = () =>
  findProgram('firefox-esr', 'firefox') ??
  ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'].find(
    isExecutable,
  )

/** WebKitGTK's small browser lies outside the PATH, in a folder named after the library's version. */
const findMiniBrowser = () =>
  ['/usr/lib', '/usr/libexec', ...subfolders('/usr/lib')]
    .flatMap(subfolders)
    .filter((folder) => path.basename(folder).startsWith('webkit2gtk-'))
    .map((folder) => path.join(folder, 'MiniBrowser'))
    .find(isExecutable)

/** @param {string} folder */
const subfolders = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => path.join(folder, entry.name))
    : []

/**
 * WebKitGTK: its WebDriver, the browser for it to drive, and a screen for that.
 * @returns {{ driver: string, browser: string, xvfb: string } | undefined}
 */
export const findWebKit = () => {
  const driver = findProgram('WebKitWebDriver')
  const browser = findMiniBrowser()
  const xvfb = findProgram('Xvfb')
  return driver && browser && xvfb ? { driver, browser, xvfb } : undefined
}

/**
 * Go, and the GOPATH in which Debian keeps gorilla/websocket (to build with GO111MODULE=off).
 * @returns {{ go: string, gopath: string } | undefined}
 */
export const findGo = () => {
  const go = findProgram('go')
  const gopath = '/usr/share/gocode'
  return go && existsSync(`${gopath}/src/github.com/gorilla/websocket`) ? { go, gopath } : undefined
}

/**
 * A Python that has `websockets`: Debian's, even where another comes first on the PATH.
 * @returns {string | undefined}
 */
export const findDebianPython = () =>
  ['/usr/bin/python3', findProgram('python3')].find(
    (python) => python && spawnSync(python, ['-c', 'import websockets']).status === 0,
  )

/**
 * nginx.
 * @returns {string | undefined}
 */
export const findNginx = () => findProgram('nginx')

/**
 * HAProxy.
 * @returns {string | undefined}
 */
export const findHaproxy = () => findProgram('haproxy')

/**
 * PHP for the command line.
 * @returns {string | undefined}
 */
export const findPhp = () => findProgram('php')

/**
 * Mosquitto, an MQTT broker.
 * @returns {string | undefined}
 */
export const findMosquitto = () => findProgram('mosquitto')

/**
 * The server of NATS.
 * @returns {string | undefined}
 */
export const findNats = () => findProgram('nats-server')
