/** Gives an Ingress that names no class the default one. Source: plugin/pkg/admission/network/defaultingressclass. */
import { IngressClass } from '../../api/networking/ingress-class.ts';
import { Ingress } from '../../api/networking/ingress.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedObject } from './admitted-object.ts';
import { defaultClass } from './default-class.ts';

const classAnnotation = 'kubernetes.io/ingress.class';

/** Upstream's DefaultIngressClass. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  concerns: [Ingress.qualified],
  admit(request, { objects }) {
    const ingress = admittedObject(request, Ingress);
    if (!ingress || request.operation !== 'CREATE' || ingress.spec.ingressClassName !== undefined) return;
    if (ingress.metadata.annotations?.[classAnnotation] !== undefined) return;
    const found = defaultClass(objects(IngressClass), ['ingressclass.kubernetes.io/is-default-class']);
    if (found) ingress.spec.ingressClassName = found.metadata.name;
  },
};
