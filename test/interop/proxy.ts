/** Proxies as people put them before their servers, with the files that docs/guide/proxies.md shows. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Certificate } from '../../demo/server/tls.js'
import { blocksOf } from '../docs/support.js'
import { freePort, type Program, startProgram } from './program.js'

const PAGE = 'docs/guide/proxies.md'

/** Idle connections are cut after this, in place of the minute on the page. */
export const TIMEOUT_S = 2

/** A proxy with TLS before the servers on these ports. What it writes stays in a folder that goes with it. */
export interface Proxy {
  readonly name: string
  /** Where this machine has it. */
  readonly file: string | undefined
  start(certificate: Certificate, ...backends: readonly number[]): Promise<Program>
}

export const nginx = (file: string | undefined): Proxy => ({
  name: 'nginx',
  file,
  async start({ cert, key }, ...backends) {
    const port = await freePort()
    const config = await configOf('nginx', 'upstream', backends, [
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['/etc/ssl/example.com.pem', 'cert.pem'],
      ['/etc/ssl/example.com.key', 'key.pem'],
      ['proxy_read_timeout 60s', `proxy_read_timeout ${TIMEOUT_S}s`],
    ])
    const files = { 'nginx.conf': AROUND, 'holdfast.conf': config, 'cert.pem': cert, 'key.pem': key }
    return run(file, files, (folder) => ['-p', folder, '-c', 'nginx.conf'], port)
  },
})

/** The rest of an nginx that keeps all that it writes in one folder. */
const AROUND = `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr info;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include holdfast.conf;
}
`

export const haproxy = (file: string | undefined): Proxy => ({
  name: 'HAProxy',
  file,
  async start({ cert, key }, ...backends) {
    const port = await freePort()
    const config = await configOf('haproxy', 'backend', backends, [
      ['maxconn 20000', 'maxconn 100'],
      ['bind :443', `bind 127.0.0.1:${port}`],
      ['/etc/haproxy/example.com.pem', 'both.pem'],
      ['timeout tunnel 60s', `timeout tunnel ${TIMEOUT_S}s`],
    ])
    const files = { 'haproxy.cfg': config, 'both.pem': `${cert}\n${key}` }
    return run(file, files, (folder) => ['-C', folder, '-f', 'haproxy.cfg', '-db'], port)
  },
})

async function run(
  file: string | undefined,
  files: { readonly [name: string]: string },
  argsIn: (folder: string) => string[],
  port: number,
): Promise<Program> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-proxy-'))
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  const program = await startProgram(file ?? '', argsIn(folder), port)
  return {
    ...program,
    async kill() {
      await program.kill()
      await rm(folder, { recursive: true })
    },
  }
}

/**
 * The file on the page. `section`: the part of it that the page's second block replaces where there is more than one
 * server. Each replacement has to find its text, so that the page cannot leave the tests behind.
 */
async function configOf(
  language: string,
  section: string,
  backends: readonly number[],
  replacements: readonly (readonly [string, string])[],
): Promise<string> {
  const [one = '', many = ''] = blocksOf(await readFile(PAGE, 'utf8'), language)
  const withBackends =
    backends.length > 1 ? one.replace(new RegExp(`^${section} [^]*?(?:^}|$(?![^]))`, 'm'), many) : one
  const ports = backends.map((port, at) => [`127.0.0.1:${8080 + at}`, `127.0.0.1:${port}`] as const)
  return [...replacements, ...ports].reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${PAGE} has no ${from} in its ${language} block.`)
    return text.replace(from, to)
  }, withBackends)
}
