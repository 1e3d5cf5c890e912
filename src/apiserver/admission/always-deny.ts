/** Refuses every change. Source: plugin/pkg/admission/deny. */
import type { AdmissionPlugin } from '../ports.ts';
import { refusal } from './refusal.ts';

/** Upstream's AlwaysDeny. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  validate(request) {
    throw refusal(request, 'admission control is denying all modifications');
  },
};
