export interface App {
  channels: { chat: { message: string } }
}

export const getToken = (): string => 's3cret'
