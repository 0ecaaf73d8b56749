/** What the apps of these tests and their server say to each other. */
export interface App {
  requests: {
    topic: { params: { room: string }; result: string }
    forever: { result: string }
    count: { params: { to: number }; item: number }
  }
  channels: {
    lobby: { message: { text: string } }
    garden: { message: { text: string } }
  }
}

/** A channel that can be chosen. */
export type Room = keyof App['channels']
