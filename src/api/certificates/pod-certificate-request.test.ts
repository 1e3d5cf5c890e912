import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { cells, problems, statusProblems } from '../testing/kind-problems.ts';
import { testPodCertificateSubject as subject } from '../testing/pod-certificate-subject.ts';
import { PodCertificateRequestV1beta1 } from './pod-certificate-request-v1beta1.ts';
import { PodCertificateRequest } from './pod-certificate-request.ts';

const stubPKCS10Request = btoa('stub');
const spec = { ...subject, stubPKCS10Request };
const deprecated = { ...subject, pkixPublicKey: btoa('key'), proofOfPossession: btoa('proof') };
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const oneKey =
  'spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set';
const long = 'x'.repeat(129);
const annotated = (annotations: object): object => ({ unverifiedUserAnnotations: annotations });

describe("requests for pods' certificates", () => {
  test.each<[string, object, string[]]>([
    ['a plain one is fine', {}, []],
    ['no signer', { signerName: '' }, ['spec.signerName: Required value']],
    ['a pod', { podName: 'A' }, [`spec.podName: Invalid value: "A": ${subdomain}`]],
    ['no UID of the pod', { podUID: '' }, ['spec.podUID: Invalid value: "": must not be empty']],
    ['a long UID of the pod', { podUID: long }, ['spec.podUID: Too long: may not be more than 128 bytes']],
    ['an account', { serviceAccountName: 'A' }, [`spec.serviceAccountName: Invalid value: "A": ${subdomain}`]],
    [
      'no UID of the account',
      { serviceAccountUID: '' },
      ['spec.serviceAccountUID: Invalid value: "": must not be empty'],
    ],
    ['a node', { nodeName: 'A' }, [`spec.nodeName: Invalid value: "A": ${subdomain}`]],
    ['no UID of the node', { nodeUID: '' }, ['spec.nodeUID: Invalid value: "": must not be empty']],
    ['an hour', { maxExpirationSeconds: 3600 }, []],
    [
      'less than an hour',
      { maxExpirationSeconds: 3599 },
      ['spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]'],
    ],
    ['91 days', { maxExpirationSeconds: 7_862_400 }, []],
    [
      'more than 91 days',
      { maxExpirationSeconds: 7_862_401 },
      ['spec.maxExpirationSeconds: Invalid value: 7862401: must be in the range [3600, 7862400]'],
    ],
    [
      "more than a day of Kubernetes' own signers",
      { signerName: 'kubernetes.io/foo', maxExpirationSeconds: 86_401 },
      ['spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]'],
    ],
    [
      'and of those below it',
      { signerName: 'a.kubernetes.io/foo', maxExpirationSeconds: 86_401 },
      ['spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]'],
    ],
    ['an annotation', annotated({ 'Example.com/a': 'anything: at all' }), []],
    [
      'an annotation without a domain',
      annotated({ a: '' }),
      ['spec.unverifiedUserAnnotations: Invalid value: "a": must be a domain-prefixed key (such as "acme.io/foo")'],
    ],
    ['an annotation without a key', annotated({ '': '' }), ['spec.unverifiedUserAnnotations: Required value']],
    [
      'long annotations',
      annotated({ 'a.b/c': 'x'.repeat(262_144) }),
      ['spec.unverifiedUserAnnotations: Too long: may not be more than 262144 bytes'],
    ],
    ['no key', { stubPKCS10Request: '' }, [oneKey]],
    [
      'a long request',
      { stubPKCS10Request: btoa('x'.repeat(10_241)) },
      ['spec.stubPKCS10Request: Too long: may not be more than 10240 bytes'],
    ],
    ['the longest request', { stubPKCS10Request: btoa('x'.repeat(10_240)) }, []],
  ])('%s', (_, fields, expected) => {
    expect(problems(PodCertificateRequest, { spec: { ...spec, ...fields } })).toEqual(expected);
  });

  test.each<[string, object, string[]]>([
    ['a key and its proof', deprecated, []],
    ['a request', spec, []],
    ['both', { ...deprecated, stubPKCS10Request }, [oneKey]],
    ['a key without a proof', { ...deprecated, proofOfPossession: '' }, [oneKey]],
    ['a proof without a key', { ...deprecated, pkixPublicKey: '' }, [oneKey]],
    ['neither', subject, [oneKey]],
    [
      'a long proof',
      { ...deprecated, proofOfPossession: btoa('x'.repeat(10_241)) },
      ['spec.proofOfPossession: Too long: may not be more than 10240 bytes'],
    ],
  ])('as v1beta1 with %s', (_, stated, expected) => {
    expect(problems(PodCertificateRequestV1beta1, { spec: stated })).toEqual(expected);
  });

  test('certificates are asked for for a day', () => {
    expect(
      decodeObject(PodCertificateRequest, { metadata: { name: 'x' }, spec }).object.spec.maxExpirationSeconds,
    ).toBe(86_400);
  });

  test('the table shows how far it is', () => {
    const shown = {
      PodName: 'web-0',
      ServiceAccountName: 'default',
      NodeName: 'node-1',
      SignerName: 'example.com/signer',
    };
    expect(cells(PodCertificateRequest, { spec })).toEqual({ ...shown, State: 'Pending' });
    const status = { conditions: [{ type: 'Denied', status: 'True', reason: 'No', message: '' }] };
    expect(cells(PodCertificateRequest, { spec, status })['State']).toBe('Denied');
  });
});

const lastTransitionTime = '2026-01-01T00:00:00Z';
const condition = (type: string, more: object = {}): object => ({
  ...{ type, status: 'True', reason: 'Reason', message: '', lastTransitionTime },
  ...more,
});
const only = (type: string, more?: object): object => ({ conditions: [condition(type, more)] });
const ended = 'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed';
const empty =
  'status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest';

describe('the status of a request', () => {
  test.each<[string, object, object, string[]]>([
    ['may stay', {}, {}, []],
    ['ends with a denial', {}, only('Denied'), []],
    ['ends with a failure', {}, only('Failed'), []],
    [
      'has no other conditions',
      {},
      only('Approved'),
      ['status.conditions[0].type: Unsupported value: "Approved": supported values: "Issued", "Denied", "Failed"'],
    ],
    [
      'has no conditions that do not hold',
      {},
      only('Denied', { status: 'False' }),
      ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
    ],
    [
      'ends once',
      {},
      { conditions: [condition('Issued'), condition('Denied')] },
      [
        'status.conditions[1].type: Invalid value: "Denied": There may be at most one condition with type "Issued", "Denied", or "Failed"',
      ],
    ],
    ['says why', {}, only('Denied', { reason: '' }), ['status.conditions[0].reason: Required value']],
    ['has no certificate with a denial', {}, { ...only('Denied'), certificateChain: 'x' }, [empty]],
    ['has no time with a failure', {}, { ...only('Failed'), notBefore: lastTransitionTime }, [empty]],
    [
      'has no certificate without an end',
      {},
      { certificateChain: 'x' },
      ['status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"'],
    ],
    ['stays once it is denied', only('Denied'), only('Failed'), [ended]],
    ['stays once it has failed', only('Failed'), {}, [ended]],
    ['stays once it is issued', only('Issued'), { ...only('Issued'), certificateChain: 'x' }, [ended]],
    [
      'has no chain without end',
      {},
      { ...only('Issued'), certificateChain: 'x'.repeat(102_401) },
      ['status.certificateChain: Too long: may not be more than 102400 bytes'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(statusProblems(PodCertificateRequest, { spec, status: after }, { spec, status: before })).toEqual(expected);
  });
});

describe('the older way of stating a key', () => {
  const { toStored, fromStored } = PodCertificateRequestV1beta1.storedAs!;
  const metadata = { name: 'x', namespace: 'ns', annotations: { 'example.com/a': 'b' } };
  const shown = decodeObject(PodCertificateRequestV1beta1, { metadata, spec: deprecated }).object;

  test('is kept in v1, and shown by v1beta1 alone', () => {
    const stored = toStored(shown) as PodCertificateRequest;
    expect(stored.spec).toEqual({ ...subject, maxExpirationSeconds: 86_400, stubPKCS10Request: '' });
    expect(Object.keys(stored.metadata.annotations ?? {})).toHaveLength(3);
    expect(fromStored(stored)).toEqual(shown);
  });

  test('can not be set or taken away by annotations', () => {
    const stored = toStored(shown) as PodCertificateRequest;
    const { annotations } = stored.metadata;
    const forged = decodeObject(PodCertificateRequest, { metadata: { ...metadata, annotations }, spec }).object;
    PodCertificateRequest.prepareForCreate?.(forged, { user: { name: 'ann', groups: [] } });
    expect(forged.metadata.annotations).toEqual(metadata.annotations);
    PodCertificateRequest.prepareForUpdate?.(forged, stored);
    expect(forged.metadata.annotations).toEqual(annotations);
    expect(toStored({ ...shown, metadata: stored.metadata })).toEqual(stored);
  });
});
