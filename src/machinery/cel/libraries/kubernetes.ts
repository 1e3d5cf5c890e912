/** The libraries of Kubernetes 1.36. Source: apiserver's pkg/cel/environment/base.go. */
import type { CelLibrary } from '../library.ts';
import { authorizerFunctions } from './authorizer.ts';
import { arithmetic } from './arithmetic.ts';
import { cidrs } from './cidr.ts';
import { comparisons } from './comparisons.ts';
import { conversions } from './conversions.ts';
import { core } from './core.ts';
import { namedFormats } from './formats.ts';
import { ips } from './ip.ts';
import { listExtensions } from './list-extensions.ts';
import { listFunctions } from './lists.ts';
import { optionalValues } from './optionals.ts';
import { quantities } from './quantity.ts';
import { regex } from './regex.ts';
import { semvers } from './semver.ts';
import { sets } from './sets.ts';
import { stringFunctions } from './strings.ts';
import { time } from './time.ts';
import { twoVariableComprehensions } from './two-variable-comprehensions.ts';
import { urls } from './urls.ts';

/** The language itself. */
export const standardLibraries: readonly CelLibrary[] = [core, comparisons, arithmetic, conversions, time];

/** What every expression in Kubernetes may use. */
export const kubernetesLibraries: readonly CelLibrary[] = [
  ...standardLibraries,
  optionalValues,
  stringFunctions,
  listFunctions,
  listExtensions,
  sets,
  regex,
  twoVariableComprehensions,
  urls,
  quantities,
  ips,
  cidrs,
  namedFormats,
  semvers,
  authorizerFunctions,
];
