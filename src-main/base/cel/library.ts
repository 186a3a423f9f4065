import { authorizerLibrary } from './authorizer.ts'
import { conversionLibrary } from './conversions.ts'
import { Environment, type Library } from './declarations.ts'
import { listLibrary, setLibrary } from './lists.ts'
import { mapLibrary } from './maps.ts'
import { networkLibrary } from './network.ts'
import { optionalLibrary } from './optionals.ts'
import { quantityLibrary } from './quantities.ts'
import { regexLibrary } from './regexes.ts'
import { semverLibrary } from './semver.ts'
import { standardLibrary } from './standard.ts'
import { stringLibrary } from './strings.ts'
import { timeLibrary } from './time-functions.ts'
import { urlLibrary } from './urls.ts'
import { wellKnownLibrary } from './well-known.ts'

const libraries: readonly Library[] = [
  standardLibrary, conversionLibrary, timeLibrary, urlLibrary, regexLibrary, listLibrary, authorizerLibrary, optionalLibrary, quantityLibrary, stringLibrary, setLibrary,
  networkLibrary, mapLibrary, semverLibrary, wellKnownLibrary,
]

/** CEL with the functions that Kubernetes 1.36 adds, and with `more` of them. Variables are declared by the caller. */
export const kubernetesCel = (more: readonly Library[] = []): Environment => Environment.of([...libraries, ...more])
