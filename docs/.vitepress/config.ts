import { defineConfig } from 'vitepress'
import manifest from '../../package.json' with { type: 'json' }
import { anchorOf, linkFromTheRepository, onSite } from './links.js'
import { menu } from './menu.js'

const sidebar = menu.map(({ text, entries }) => ({
  text,
  collapsed: false,
  items: entries.map(([entry, file]) => ({ text: entry, link: `/${onSite(file)}` })),
}))

/** The pages are the repository's own files, so that they can be read there too. Links and names are turned in links.ts. */
export default defineConfig({
  title: 'holdfast',
  description: manifest.description,
  lang: 'en',
  srcDir: '..',
  srcExclude: ['README*.md', '!(docs)/**/*.md'],
  rewrites: onSite,
  head: [['meta', { name: 'color-scheme', content: 'light dark' }]],
  markdown: {
    anchor: { slugify: anchorOf },
    config: linkFromTheRepository,
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
