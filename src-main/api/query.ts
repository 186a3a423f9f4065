/** What stands behind the question mark, as Go's net/url reads it: without the pairs that have a semicolon or a broken escape. */
export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?')
  const text = mark < 0 ? '' : url.slice(mark + 1)
  return new URLSearchParams(/[;%]/.test(text) ? text.split('&').filter(isWhole).join('&') : text)
}

const isWhole = (pair: string): boolean => !/;|%(?![\da-f]{2})/i.test(pair)
