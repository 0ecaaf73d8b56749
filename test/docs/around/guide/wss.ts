import { createCertificate } from '../../../../demo/server/tls.js'

export const { cert, key } = await createCertificate()

export interface App {
  requests: { sum: { params: [number, number]; result: number } }
}
