/** The one type that both ends of these tests share. */
export interface App {
  requests: {
    sum: { params: [number, number]; result: number }
    now: { result: string }
    tokens: { params: string; item: string; result: number }
  }
  serverRequests: {
    confirm: { params: string; result: boolean }
  }
  channels: {
    chat: { message: { text: string }; typing: boolean; cleared: undefined }
    news: { headline: string }
  }
}
