import { identity } from './identity.ts';
import { prefixed } from './prefixed.ts';
import type { PrefixedTransformer } from './prefixed.ts';
import type { ValueTransformer } from './value-transformer.ts';

/** Says how the values of a resource are stored. */
export interface ResourceTransformers {
  /** Nothing is encrypted, whatever it is, nor ever will be. */
  readonly isIdle?: boolean | undefined;
  /** `resource`: as `secrets` or `deployments.apps`. */
  of(resource: string): ValueTransformer;
}

/** Some resources, and the transformers of their values: the first one writes, all of them read. */
export interface TransformerRule {
  /** As `secrets` or `deployments.apps`; `*.apps` are all of a group, `*.` all of the core group, `*.*` all there are. */
  readonly resources: readonly string[];
  readonly transformers: readonly [PrefixedTransformer, ...PrefixedTransformer[]];
}

/** What stands in a configuration as `resource.group`. Source: apimachinery's schema.ParseGroupResource. */
export function parseGroupResource(text: string): { readonly resource: string; readonly group: string } {
  const dot = text.indexOf('.');
  return dot < 0 ? { resource: text, group: '' } : { resource: text.slice(0, dot), group: text.slice(dot + 1) };
}

/**
 * Puts rules together. A resource in several has the transformers of all of them. Throws when a rule could never apply because
 * of an earlier wildcard. Source: apiserver's server/options/encryptionconfig, transformerFromOverrides.
 */
export function resourceTransformers(rules: readonly TransformerRule[]): ResourceTransformers {
  const lists = new Map<string, PrefixedTransformer[]>();
  for (const { resources, transformers } of rules) {
    for (const text of resources) {
      const { resource, group } = parseGroupResource(text);
      for (const wildcard of [`*.${group}`, '*.*']) {
        if (lists.has(wildcard))
          throw new Error(`resource "${shown(resource, group)}" is masked by earlier rule "${wildcard}"`);
      }
      const key = `${resource}.${group}`;
      lists.set(key, [...(lists.get(key) ?? []), ...transformers]);
    }
  }
  return lookup(new Map([...lists].map(([key, [first, ...others]]) => [key, together(first!, others)])));
}

function together(first: PrefixedTransformer, others: readonly PrefixedTransformer[]): ValueTransformer {
  return prefixed([first, ...others], 'no matching prefix found');
}

function lookup(rules: ReadonlyMap<string, ValueTransformer>): ResourceTransformers {
  const known = new Map<string, ValueTransformer>();
  const find = (text: string): ValueTransformer => {
    const { resource, group } = parseGroupResource(text);
    return rules.get(`${resource}.${group}`) ?? rules.get(`*.${group}`) ?? rules.get('*.*') ?? identity;
  };
  return {
    of(resource) {
      let transformer = known.get(resource);
      if (!transformer) known.set(resource, (transformer = find(resource)));
      return transformer;
    },
  };
}

function shown(resource: string, group: string): string {
  return group === '' && resource !== '*' ? resource : `${resource}.${group}`;
}
