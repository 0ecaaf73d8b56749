// main.tsx
import { connect } from 'holdfast'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { App } from '../app.js'
import { ClientProvider } from './live.js'
import { Page } from './page.js'

createRoot(document.getElementById('root') ?? document.body).render(
  <StrictMode>
    <ClientProvider client={() => connect<App>('/ws', { autoConnect: false })}>
      <Page />
    </ClientProvider>
  </StrictMode>,
)
