/** What the script tag gives as the global `Holdfast`: the front door, and what small addons are worth carrying. */
export { HoldfastWebSocket as WebSocket } from './addons/websocket/index.js'
export * from './index.js'
