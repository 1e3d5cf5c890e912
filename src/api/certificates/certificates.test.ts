import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../machinery/decode.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import { cells, problems } from '../testing/kind-problems.ts';
import { CertificateSigningRequest } from './certificate-signing-request.ts';
import { certificateRequestErrors } from './certificate-signing-request-validation.ts';

const metadata = { name: 'x' };
const pem = (type: string, body = 'AAAA\n'): string => btoa(`-----BEGIN ${type}-----\n${body}-----END ${type}-----\n`);
const spec = { request: pem('CERTIFICATE REQUEST'), signerName: 'a.b/c', usages: ['client auth'] };
const approved = { type: 'Approved', status: 'True' };
const denied = { type: 'Denied', status: 'True' };

function decoded(status: object): CertificateSigningRequest {
  return decodeObject(CertificateSigningRequest, { metadata, spec, status }).object;
}

describe('certificate requests', () => {
  test.each<[string, object, string[]]>([
    ['a plain one is fine', {}, []],
    [
      'something else to sign',
      { request: pem('CERTIFICATE') },
      [`spec.request: Invalid value: "${pem('CERTIFICATE')}": PEM block type must be CERTIFICATE REQUEST`],
    ],
    ['no usage', { usages: [] }, ['spec.usages: Required value']],
    ['a usage twice', { usages: ['any', 'any'] }, ['spec.usages[1]: Duplicate value: "any"']],
    ['no signer', { signerName: '' }, ['spec.signerName: Required value']],
    [
      'a signer without a domain',
      { signerName: 'x' },
      [
        'spec.signerName: Invalid value: "x": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      ],
    ],
    [
      'a signer of a bare host',
      { signerName: 'x/y' },
      ['spec.signerName: Invalid value: "x": should be a domain with at least two segments separated by dots'],
    ],
    [
      'a minute',
      { expirationSeconds: 60 },
      ['spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)'],
    ],
  ])('%s', (_, fields, expected) => {
    expect(problems(CertificateSigningRequest, { metadata, spec: { ...spec, ...fields } })).toEqual(expected);
  });

  test('the server says who asks', () => {
    const forged = { ...spec, username: 'root', groups: ['system:masters'], uid: '0', extra: { a: ['b'] } };
    const request = decodeObject(CertificateSigningRequest, {
      metadata,
      spec: forged,
      status: { conditions: [approved] },
    }).object;
    CertificateSigningRequest.prepareForCreate?.(request, {
      user: { name: 'ann', groups: ['dev'], extra: { k: ['v'] } },
    });
    expect(request.spec).toEqual({ ...spec, username: 'ann', groups: ['dev'], extra: { k: ['v'] } });
    expect(request.status).toEqual({});
  });

  test.each<[string, string, object, object, string[]]>([
    ['approvers approve', 'approval', {}, { conditions: [approved] }, []],
    [
      'nobody else does',
      'status',
      {},
      { conditions: [approved] },
      ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    ],
    [
      'a decision stays',
      'approval',
      { conditions: [denied] },
      {},
      ['status.conditions: Forbidden: updates may not remove a condition of type "Denied"'],
    ],
    [
      'it is one or the other',
      'approval',
      { conditions: [approved] },
      { conditions: [approved, denied] },
      ['status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
    ],
    [
      'signers issue',
      'status',
      { conditions: [approved] },
      { conditions: [approved], certificate: pem('CERTIFICATE') },
      [],
    ],
    [
      'approvers do not',
      'approval',
      {},
      { certificate: pem('CERTIFICATE') },
      ['status.certificate: Forbidden: updates may not set certificate content'],
    ],
    [
      'a key is no certificate',
      'status',
      {},
      { certificate: pem('PRIVATE KEY') },
      [
        'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
      ],
    ],
    [
      'a certificate stays',
      'status',
      { certificate: pem('CERTIFICATE') },
      { certificate: pem('CERTIFICATE', 'BBBB\n') },
      ['status.certificate: Forbidden: updates may not modify existing certificate content'],
    ],
  ])('%s', (_, subresource, before, after, expected) => {
    const errors = certificateRequestErrors(decoded(after), { old: decoded(before), subresource });
    expect(errors.map(fieldErrorText)).toEqual(expected);
  });

  test('conditions get their times, and a decision stays as it was through writes of others', () => {
    const old = decoded({ conditions: [{ ...approved, message: 'yes', lastUpdateTime: '2026-01-01T00:00:00Z' }] });
    const request = decodeObject(CertificateSigningRequest, {
      metadata,
      spec,
      status: {
        conditions: [
          { ...approved, message: 'forged' },
          { type: 'Failed', status: 'True' },
        ],
      },
    }).object;
    const now = '2026-01-02T00:00:00Z';
    CertificateSigningRequest.prepareForStatus?.(request, old, { subresource: 'status', now });
    expect(request.status.conditions).toEqual([
      { ...approved, message: 'yes', lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: now },
      { type: 'Failed', status: 'True', lastUpdateTime: now, lastTransitionTime: now },
    ]);
  });

  test('the table shows how far it is', () => {
    expect(
      cells(CertificateSigningRequest, { metadata, spec: { ...spec, username: 'ann', expirationSeconds: 3600 } }),
    ).toEqual({
      Age: expect.any(String),
      SignerName: 'a.b/c',
      Requestor: 'ann',
      RequestedDuration: '60m',
      Condition: 'Pending',
    });
    const status = { conditions: [approved, { type: 'Failed', status: 'True' }], certificate: 'AAAA' };
    expect(cells(CertificateSigningRequest, { metadata, spec, status })['Condition']).toBe('Approved,Failed,Issued');
  });
});
