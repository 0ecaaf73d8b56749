import './lobby-element.js'

const lobby = document.createElement('app-lobby')
const hide = Object.assign(document.createElement('button'), { id: 'hide', onclick: () => lobby.remove() })
document.getElementById('root')?.append(hide, lobby)
