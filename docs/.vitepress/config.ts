import { defineConfig } from 'vitepress'
import manifest from '../../package.json' with { type: 'json' }
import { anchorOf, linkFromTheRepository, onSite } from './links.js'
import { menu } from './menu.js'

const sidebar = menu.map(({ text, entries }) => ({
  text,
  collapsed: false,
  items: entries.map(([entry, file]) => ({ text: entry, link: `/${onSite(file)}` })),
}))

/** A knot that holds, as text, so that it works below any base. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#14849a" stroke-width="5"><path d="M13 22H9a6 6 0 0 1 0-12h4M19 10h4a6 6 0 0 1 0 12h-4M11 16h10"/></svg>',
)}`

/** The pages are the repository's own files, so that they can be read there too. Links and names are turned in links.ts. */
export default defineConfig({
  title: 'holdfast',
  description: manifest.description,
  lang: 'en',
  srcDir: '..',
  srcExclude: ['README*.md', '!(docs)/**/*.md'],
  rewrites: onSite,
  head: [['link', { rel: 'icon', href: ICON }]],
  markdown: {
    anchor: { slugify: anchorOf },
    config: linkFromTheRepository,
    languageAlias: { haproxy: 'nginx' },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start.md' },
      { text: 'Protocol', link: '/protocol.md' },
      { text: `v${manifest.version}`, link: '/changelog.md' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    footer: { message: 'MIT' },
  },
})
