import { chromiumEngine } from './chromium.js'
import type { Engine } from './engine.js'
import { firefoxEngine } from './firefox.js'
import { webkitEngine } from './webkit.js'

export type { Browser, Engine, Page } from './engine.js'

export const engines: readonly Engine[] = [chromiumEngine, firefoxEngine, webkitEngine]
