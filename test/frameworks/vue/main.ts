import { createApp } from 'vue'
// @ts-expect-error: Vite compiles it
import Page from './Page.vue'

createApp(Page).mount('#root')
