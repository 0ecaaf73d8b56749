// live.ts
import * as hooks from 'holdfast/react'
import type { App } from '../app.js'

// The same hooks, with the types of the app.
export const { ClientProvider, useClient, useStatus, useChannel, useRequest, useStream }: hooks.Hooks<App> = hooks
