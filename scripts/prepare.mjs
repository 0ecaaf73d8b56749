/**
 * Runs before `npm start` and `npm test`: installs what is missing. Uses nothing but Node, for there may be nothing else.
 *
 *   node scripts/prepare.mjs            the npm packages
 *   node scripts/prepare.mjs --tests    also browsers and other people's servers
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  findChromium,
  findDebianPython,
  findFirefox,
  findGo,
  findHaproxy,
  findMosquitto,
  findNats,
  findNginx,
  findPhp,
  findWebKit,
} from './machine.mjs'

const INSTALL_LIMIT_MS = 15 * 60_000

/** What the tests need beside npm packages, and the Debian packages that hold it. */
const needs = [
  { what: 'Chromium', find: findChromium, packages: ['chromium'] },
  { what: 'Firefox', find: findFirefox, packages: ['firefox-esr'] },
  { what: 'WebKitGTK with WebDriver and Xvfb', find: findWebKit, packages: ['webkit2gtk-driver', 'xvfb'] },
  { what: 'Go with gorilla/websocket', find: findGo, packages: ['golang-go', 'golang-github-gorilla-websocket-dev'] },
  { what: 'Python with websockets', find: findDebianPython, packages: ['python3', 'python3-websockets'] },
  { what: 'nginx', find: findNginx, packages: ['nginx-light'] },
  { what: 'HAProxy', find: findHaproxy, packages: ['haproxy'] },
  { what: 'PHP', find: findPhp, packages: ['php-cli'] },
  { what: 'Mosquitto', find: findMosquitto, packages: ['mosquitto'] },
  { what: 'the server of NATS', find: findNats, packages: ['nats-server'] },
]

/**
 * @param {string} program
 * @param {string[]} args
 */
const run = (program, args) => {
  console.log(`> ${[program, ...args].join(' ')}`)
  // RUNLEVEL 1 keeps Debian from starting the services that it installs.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const shell = process.platform === 'win32'
  return spawnSync(program, args, { stdio: 'inherit', env, shell, timeout: INSTALL_LIMIT_MS }).status === 0
}

/**
 * @param {string} lockfile
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
const readPackages = (lockfile) => {
  try {
    return JSON.parse(readFileSync(lockfile, 'utf8')).packages
  } catch {
    return {}
  }
}

/** Compares what was installed, which npm notes inside node_modules, with what package-lock.json asks for. */
const packagesAreCurrent = () => {
  const installed = readPackages('node_modules/.package-lock.json')
  return Object.entries(readPackages('package-lock.json')).every(
    ([folder, wanted]) =>
      folder === '' || (installed[folder] ? installed[folder].version === wanted.version : wanted.optional),
  )
}

const installPackages = () => {
  if (packagesAreCurrent()) return
  console.log('Installing the npm packages that package-lock.json names …')
  if (!run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'])) {
    console.error('npm ci failed: see its message above.')
    process.exit(1)
  }
}

const missing = () => needs.filter(({ find }) => !find())

const installForTests = () => {
  const packages = missing().flatMap((need) => need.packages)
  if (packages.length === 0) return
  console.log(`The tests need ${list(missing())}.`)
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.log('Installing Debian packages, which takes a few minutes …')
    run('apt-get', ['update'])
    run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages])
  }
  if (!findChromium()) {
    console.log('Downloading Chromium …')
    run('npx', ['playwright-core', 'install', 'chromium'])
  }
  const absent = missing()
  if (absent.length === 0) return
  console.error(
    `Not found: ${list(absent)}. On Debian or Ubuntu install with: ` +
      `sudo apt-get install ${absent.flatMap((need) => need.packages).join(' ')}`,
  )
  // A developer may go on without them, and is told which tests were skipped; CI may not.
  if (process.env['CI']) process.exit(1)
}

/** @param {typeof needs} some */
const list = (some) => some.map(({ what }) => what).join(', ')

const { values } = parseArgs({ options: { tests: { type: 'boolean', default: false } } })
installPackages()
if (values.tests) installForTests()
