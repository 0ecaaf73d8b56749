// live.ts
import * as stores from 'holdfast/svelte'
import type { App } from '../app.js'

// The same functions, with the types of the app.
export const { provideClient, useClient, useStatus, useChannel, useRequest, useStream }: stores.Stores<App> = stores
