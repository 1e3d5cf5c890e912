import { expect, test } from 'vitest';
import { admissionChoiceErrors, orderedAdmission } from './admission-order.ts';
import type { AdmissionChoice } from './admission-order.ts';

const given = ['ResourceQuota', 'ServiceAllocation', 'Priority', 'NamespaceLifecycle'].map((name) => ({ name }));

test.each<[string, AdmissionChoice, readonly string[]]>([
  ['nothing said', {}, ['NamespaceLifecycle', 'Priority', 'ServiceAllocation', 'ResourceQuota']],
  ['one left out', { disabled: ['Priority'] }, ['NamespaceLifecycle', 'ServiceAllocation', 'ResourceQuota']],
  [
    'what is named both ways',
    { enabled: ['Priority'], disabled: ['Priority', 'ResourceQuota'] },
    ['NamespaceLifecycle', 'Priority', 'ServiceAllocation'],
  ],
  [
    'what belongs to a kind',
    { disabled: ['ServiceAllocation'] },
    ['NamespaceLifecycle', 'Priority', 'ServiceAllocation', 'ResourceQuota'],
  ],
])('the plug-ins that are used, in order: %s', (_, choice, names) => {
  expect(orderedAdmission(given, choice).map(({ name }) => name)).toEqual(names);
});

test('a plug-in without a place is a mistake of who wrote it', () => {
  expect(() => orderedAdmission([{ name: 'Mine' }])).toThrow('the admission plug-in Mine has no place in the order');
});

test.each<[string, AdmissionChoice, readonly string[]]>([
  ['upstream’s names', { enabled: ['NodeRestriction', 'Priority'], disabled: ['AlwaysDeny'] }, []],
  ['an unknown one', { enabled: ['Nope'] }, ['enable-admission-plugins plugin "Nope" is unknown']],
  ['another unknown one', { disabled: ['Nope'] }, ['disable-admission-plugins plugin "Nope" is unknown']],
  [
    'what belongs to a kind',
    { disabled: ['ServiceAllocation'] },
    ['disable-admission-plugins plugin "ServiceAllocation" is unknown'],
  ],
  [
    'both ways',
    { enabled: ['ResourceQuota', 'Priority'], disabled: ['Priority', 'ResourceQuota'] },
    ['[Priority ResourceQuota] in enable-admission-plugins and disable-admission-plugins overlapped'],
  ],
  [
    'what is absent',
    { enabled: ['ImagePolicyWebhook'] },
    ['enable-admission-plugins plugin "ImagePolicyWebhook" is not there: a ValidatingWebhookConfiguration can do it'],
  ],
])('names in flags are checked: %s', (_, choice, errors) => {
  expect(admissionChoiceErrors(choice)).toEqual(errors);
});
