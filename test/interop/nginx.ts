/** nginx as people put it before their servers: TLS in front, and idle connections cut after 5 s. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Certificate } from '../../demo/server/tls.js'
import { freePort, type Program, startProgram } from './program.js'

const READ_TIMEOUT_S = 5

/** Starts nginx before the server on `backendPort`. Everything it writes stays in a folder that goes with it. */
export async function startNginx(file: string, backendPort: number, { cert, key }: Certificate): Promise<Program> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-nginx-'))
  const port = await freePort()
  await writeFile(path.join(folder, 'cert.pem'), cert)
  await writeFile(path.join(folder, 'key.pem'), key)
  await writeFile(path.join(folder, 'nginx.conf'), configure(port, backendPort))
  const nginx = await startProgram(file, ['-p', folder, '-c', 'nginx.conf'], port)
  return {
    ...nginx,
    async kill() {
      await nginx.kill()
      await rm(folder, { recursive: true })
    },
  }
}

const configure = (port: number, backendPort: number): string => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate cert.pem;
    ssl_certificate_key key.pem;
    location / {
      proxy_pass http://127.0.0.1:${backendPort};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout ${READ_TIMEOUT_S}s;
    }
  }
}
`
