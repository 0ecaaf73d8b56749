export interface App {
  requests: { sum: { params: [number, number]; result: number } }
  channels: { lobby: { say: string; said: string } }
}

export const isValid = (token: unknown): boolean => token === 's3cret'
