import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import { createServer as createVite } from 'vite'
import solid from 'vite-plugin-solid'
import { createServer } from '../../src/server/index.js'
import type { App } from './app.js'

const dist = path.resolve('dist')

const MAINS = {
  react: 'main.tsx',
  vue: 'main.ts',
  svelte: 'main.ts',
  solid: 'main.tsx',
  angular: 'main.ts',
  element: 'main.ts',
}

/** A copy of the apps, served as while somebody works on them, and the server that they talk to. */
export async function startStage() {
  const home = mkdtempSync(path.join(tmpdir(), 'holdfast-frameworks-'))
  cpSync('test/frameworks', home, { recursive: true, filter: (file) => !file.endsWith('.test.ts') })
  symlinkSync(path.resolve('node_modules'), path.join(home, 'node_modules'), 'junction')
  for (const [app, main] of Object.entries(MAINS)) {
    const html = `<!doctype html><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="./${main}"></script>`
    writeFileSync(path.join(home, app, 'index.html'), html)
  }
  const seen = { connections: 0, aborted: 0, asked: 0 }
  const server = createServer<App>({
    port: 0,
    host: '127.0.0.1',
    origins: '*',
    onConnect: () => void seen.connections++,
    requests: {
      topic: ({ room }) => `About the ${room}`,
      forever(_params, { signal }) {
        seen.asked++
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            seen.aborted++
            reject(signal.reason)
          })
        })
      },
      async *count({ to }) {
        for (let number = 1; number <= to; number++) yield number
      },
    },
    channels: {
      lobby: { on: { message: (data) => void server.broadcast('lobby', 'message', data) } },
      garden: { on: { message: (data) => void server.broadcast('garden', 'message', data) } },
    },
  })
  const port = await server.listening()
  const vite = await createVite({
    root: home,
    cacheDir: path.join(home, '.vite'),
    configFile: false,
    logLevel: 'error',
    plugins: [react({ exclude: /solid\// }), solid({ include: /solid\// }), vue(), svelte({ configFile: false })],
    // Angular's, until those of the language are everywhere.
    oxc: { decorator: { legacy: true } },
    resolve: { alias: [{ find: /^holdfast(\/\w+)?$/, replacement: `${dist}/$1` }] },
    optimizeDeps: {
      include: [
        'react',
        'react-dom/client',
        'react/jsx-dev-runtime',
        'vue',
        'svelte',
        'svelte/store',
        'solid-js',
        'solid-js/web',
        '@angular/compiler',
        '@angular/core',
        '@angular/platform-browser',
      ],
    },
    server: {
      host: '127.0.0.1',
      port: 0,
      fs: { strict: false },
      proxy: { '/ws': { target: `ws://127.0.0.1:${port}`, ws: true } },
    },
  })
  await vite.listen()
  return {
    server,
    seen,
    origin: `http://127.0.0.1:${vite.config.server.port}`,
    /** Changes a file as its author would. */
    edit(file: string, from: string, to: string) {
      const text = readFileSync(path.join(home, file), 'utf8')
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
      writeFileSync(path.join(home, file), text.replace(from, to))
    },
    async close() {
      await vite.close()
      await server.close({ graceMs: 0 })
      rmSync(home, { recursive: true, force: true })
    },
  }
}
