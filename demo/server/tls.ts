import { networkInterfaces } from 'node:os'
import { generate } from 'selfsigned'

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** A certificate of our own for this machine, good for a month. Browsers ask before they trust it. */
export async function createCertificate(): Promise<Certificate> {
  const addresses = Object.values(networkInterfaces()).flatMap(
    (entries) => entries?.map(({ address }) => address) ?? [],
  )
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 30 * 24 * 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames: [{ type: 2, value: 'localhost' }, ...addresses.map((ip) => ({ type: 7 as const, ip }))],
      },
    ],
  })
  return { cert, key }
}
