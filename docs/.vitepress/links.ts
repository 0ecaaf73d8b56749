import { existsSync } from 'node:fs'
import path from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

/** Where a file of the repository is on the site: `docs/guide/vue.md` is `guide/vue.md`, `PROTOCOL.md` is `protocol.md`. */
export const onSite = (file: string): string =>
  file.startsWith('docs/') ? file.slice('docs/'.length) : file.toLowerCase()

/** As GitHub makes an anchor from a heading, so that one link serves both. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const isPage = (file: string): boolean =>
  /^docs\/.*\.md$|^(PROTOCOL|CONTRIBUTING|CHANGELOG)\.md$/.test(file) && existsSync(file)

/**
 * Links are written for the repository: relative, from file to file. On the site those to pages lead to the page. The
 * site has nothing else of the repository, so the others are text.
 */
export const linkFromTheRepository = (md: MarkdownRenderer): void => {
  md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
    const source = path.relative(process.cwd(), env.realPath ?? env.path)
    for (const { children } of tokens) {
      let isText = false
      for (const token of children ?? []) {
        if (token.type === 'link_close' && isText) token.tag = 'span'
        if (token.type !== 'link_open') continue
        const href = token.attrGet('href') ?? ''
        isText = false
        if (/^(#|\/|\w+:)/.test(href)) continue
        const [file = '', anchor] = href.split('#')
        const target = path.join(path.dirname(source), decodeURI(file)).replaceAll('\\', '/')
        if (isPage(target)) {
          token.attrSet('href', `/${onSite(target)}${anchor === undefined ? '' : `#${anchor}`}`)
        } else {
          isText = true
          token.tag = 'span'
          token.attrs = null
        }
      }
    }
  })
}
