// live.ts
import * as composables from 'holdfast/vue'
import type { App } from '../app.js'

// The same composables, with the types of the app.
export const { provideClient, useClient, useStatus, useChannel, useRequest, useStream }: composables.Composables<App> =
  composables
