import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { WindowsSecurityContextOptions } from '../generated/types.ts'
import { isDNS1123Subdomain } from '../validation.ts'

/** In bytes: maxGMSACredentialSpecLength of core validation. */
const longestCredentials = 64 * 1024

export function checkWindowsOptions(options: WindowsSecurityContextOptions | undefined, at: FieldPath): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credentials, runAsUserName } = options ?? {}
  const errors = name === undefined ? [] : say(at.child('gmsaCredentialSpecName'), name, isDNS1123Subdomain(name))
  if (credentials === '') errors.push(at.child('gmsaCredentialSpec').invalid(credentials, 'gmsaCredentialSpec cannot be an empty string'))
  if (credentials !== undefined && Buffer.byteLength(credentials) > longestCredentials) {
    errors.push(at.child('gmsaCredentialSpec').invalid(credentials, 'gmsaCredentialSpec size must be under 64 KiB'))
  }
  return runAsUserName === undefined ? errors : [...errors, ...wrongUser(runAsUserName).map((sentence) => at.child('runAsUserName').invalid(runAsUserName, sentence))]
}

const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsName = new RegExp(String.raw`^${dnsLabel}(?:\.${dnsLabel})*$`)

/** What is wrong with `DOMAIN\user`, or with `user` alone. */
function wrongUser(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? parts[0] : undefined
  const rules: ReadonlyArray<readonly [broken: boolean, sentence: string]> = [
    [(domain ?? '').length >= 256, "runAsUserName's Domain length must be under 256 characters"],
    [domain !== undefined && domain.length < 256 && !netBiosName.test(domain) && !dnsName.test(domain), "runAsUserName's Domain doesn't match the NetBios nor the DNS format"],
    [user === '', "runAsUserName's User cannot be empty"],
    [user.length > 104, "runAsUserName's User length must not be longer than 104 characters"],
    [/^[. ]+$/.test(user), "runAsUserName's User cannot contain only periods or spaces"],
    [/["/\\:;|=,+*?<>@[\]]/.test(user), 'runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'],
  ]
  return rules.filter(([broken]) => broken).map(([, sentence]) => sentence)
}
