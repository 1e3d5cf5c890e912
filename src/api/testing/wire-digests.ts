/**
 * SHA-256 (base64url) of the round-trip fixtures of Kubernetes 1.36, each of one kind: of its protobuf form with envelope, and
 * of its JSON with sorted keys and without spaces. Kinds of certificates.k8s.io/v1 that are new are those of 1.37. Source:
 * k8s.io/api testdata/HEAD.
 */
export const wireDigests: Readonly<Record<string, readonly [protobuf: string, json: string]>> = {
  'admission.k8s.io/v1 AdmissionReview': [
    'oXBVDtfi-_9gqOIBdKgZtyT48SlAhhCHjGGUUPYEmLE',
    'xrPDRrVPYq3mkoYsmd4Y3gIpCpcY4tmQoum2kfCVXBo',
  ],
  'admission.k8s.io/v1beta1 AdmissionReview': [
    'adONEy3hlUHGl50Dorqao3D1Ro8yTCIFQcN4ZzFGao0',
    'aX47TW8wTPqYQEX4Q_S7i7IAcgZrKXG00FhNnYfINsg',
  ],
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy': [
    'vRWYyaR-LMfG95OLRHRW7o6AZcCpZSFqO7kEP_RmSWg',
    'yCsgUEIXv4lA6OPGwYJrkHvhP3bdO61nWm4S0JFSVgc',
  ],
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding': [
    'rEtSnm74ZW2Xg_411kdwf4MkKE2lSx-aK738jvofVts',
    'bJNijYT7Znsm8cq85FgvPGcEnKH3DtAMhV1I0kNi4-g',
  ],
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': [
    'J0iq7kWEohziocMoGPSkjCvOlYCFyTZu20CIgiGkzhw',
    'dUhOSzTDqATdOt320VDNJifOigjTV1Ak8pFvqml4MMc',
  ],
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': [
    'BeX3Q0Msz5QUJ9V3jR0fHazwIDegyOw7DXewuS86Kq8',
    'RxJgBX_gWP6k8KxSbawSceSa5bhU_v9JEvvxD9-_JI8',
  ],
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': [
    'JixAL15db4ErTfuXAOSuiwS2RMKTY4OSIa71nwMdeE0',
    'uNvsoXIXIia3JZ05_E4qgzMcl5CUB4ziwp-EGEKSWqI',
  ],
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': [
    'wKmlg52Jt-O3Czri53NHn0jS_Ee06WAWTLfYw33yHbY',
    'zkZ1-w5YVI8c9Qq-9nSt6vkovK5twJN5ofpkSV3Odek',
  ],
  'admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy': [
    'NZ2HoZk_nXdI9J8BLQM5qdqGM5VCy8xf7GDF7z-sswU',
    '1HK6Plq4YO_i2Od3DqlGqzGLJ2jaG1HxnEFd0BV_QgI',
  ],
  'admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicyBinding': [
    'g8wBa-o2npE627sNKiNWp1vLvGlEa7cXfwIoRUmKz8o',
    'YGN8rLr8eixke6bJxGgJ7M0ZETuTmlqgulgi-tPn_cs',
  ],
  'admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy': [
    'omwIeZeXHucTH-wy_mI3SeUq0c3o1lQbSGMa_nrkQ8M',
    'QeIkibLT0011c7LKuCFQpkGvxJ_q7W6uWjysY7jNUQw',
  ],
  'admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicyBinding': [
    'pqIdUAM1WXVN6nZtkMSg-KEna2wp0UDZsJ8fAY9ygxw',
    '2hX_tq1UYxzvjOGmQnJH7x-_9IIuIHbcGeir__iuW4o',
  ],
  'admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy': [
    '3WkX7fbAqRjJf50vrmAyEWfEIQEx6-rFRKPNUuKn6P0',
    'q_btT3c2c_Cn3wj4XMVehx6OHWTOTj4v8yCAKndR7zw',
  ],
  'admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicyBinding': [
    'AybIks-PbCZ_TSn83v35zEHojQTrYZDJoq7AUwEGUpY',
    '4B2gPS5TW0t0pXmySphS1cXqouxRzDEzJP6KSCDwMs0',
  ],
  'admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration': [
    'su0HX6q47YCM6WVkEe27irBEpAtT2pn_nuggqmuPOWg',
    'U3dqzzEM3oW8qKyD4C_DcfLO1kquC22_UNF2aojz-NU',
  ],
  'admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy': [
    'JdeFGkmu05PKDbDDkTVaGlgBJ9ZmXR7Nqk_LNkfWLag',
    'fd0Wo2zMKModhwwlrT4GtWmyNr6_B6I8ZNq7ldkuOTE',
  ],
  'admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicyBinding': [
    'MiIjHNjZot9nzi2jw8op8JByx6AA_4bxB51rYFmoqF8',
    'KIPn8zslj1fw3t4uVgZL5h5Cx5ujdFAApfokX6rzo_w',
  ],
  'admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration': [
    '5aRgrnpGis6rFwBZEmjwnNjJyEef6cPTI5bsRHHIL1Q',
    'rkTFJx9ILsiIuJjALIkb_WsMYZPnvcqz_pRD1NACu2E',
  ],
  'apidiscovery.k8s.io/v2 APIGroupDiscovery': [
    'aiE4g3iarOKObCAy4Zkp_ZvzHx0nSThjmsgVyuNIiLc',
    'V9QY0nHgaaQgv0ddju_G6tpX75vNEXJQw1S9dDhpDC4',
  ],
  'apidiscovery.k8s.io/v2beta1 APIGroupDiscovery': [
    'CStwhpmqd5MuD64WVvbWq0Wx0KGqhsMRkBXRYnyQWso',
    'aAMM7zrED3XSFGpKTPEzTSTsaB44lDskvX86DW7HTa0',
  ],
  'apps/v1 ControllerRevision': [
    '4lf_-kTBDF6OtuEAu_ZZ89DbynMlldE0qzbuthSVBVo',
    'R6ilgKAm0icS8xNmt-EvsxX4FWa98MwXCIJ0nuM5NCQ',
  ],
  'apps/v1 DaemonSet': ['Vvjf4qiuLxRkG3jb5Zrbq9WRU-_yLygSCUY9X2bYWgc', 'Sw5LpHFYwq6pkEFeorAIah-4f8dvwa2fxZ_phzh-myI'],
  'apps/v1 Deployment': ['wE7UcFQotFMYx3iQZbaiXV-kKUyczxPHpXIC3oHSPsw', 'Bd4m8ns-Q62dacE4MN2RsGzpyG8zgqUtLpWa8AAdX8Q'],
  'apps/v1 ReplicaSet': ['a2A-SVioNwalf_xjUqynlIpqFeWnd_P0rI-en6lY03U', 'D0qsLG45y1t8gBudGLDUDU6Kxnl8MLQuGZd6QRVW2gQ'],
  'apps/v1 StatefulSet': ['Hb9TWBVL7HzRCpAip1nM7CWcKl_GQkfk6IuMlxFC1Cc', 'JNr1mggVvBGAmIiXH9j9jpRF_qupCjGLmqqeO00LMec'],
  'apps/v1beta1 ControllerRevision': [
    'sn-arkigHwZmur3_BEwHnJ52E4gvWLfopkKgMHzDiB4',
    'bV2d6Eo-Yw84FGd2n5Nb2B8ou_ZCt_KMtXYlK_jl_vU',
  ],
  'apps/v1beta1 Deployment': [
    'ijnmO0Vu9PBIHcqiGu-C44bgL98KmV1R0gc6LkITyWs',
    'N0nbI7MJ1er0kjEyyjOscC9ZNjmOtAQrLi9NTRtCNdk',
  ],
  'apps/v1beta1 DeploymentRollback': [
    'U6DPEqebRDqPNpcL_CNhZOUIMvDBRyYNd6rUesJcpWY',
    'lWtbZZ8yUBGH0Y3tmJyADusqhSmifsWwMo_cJakxnhw',
  ],
  'apps/v1beta1 Scale': ['HMtY18nMwN9EEid712Jgeyp8jU3OjxR57AOL5Mm9dZ4', 'tHcI58KfOK4dW86xi2RNGBFu_CW7Qo8Eoo0bEYpqTCM'],
  'apps/v1beta1 StatefulSet': [
    'n6OP1f8C0AsFRaOGrNxBN4_-kusQFyhXAIOvXrUXTa4',
    '-lXa4AAbY6HM99DE66Uw7xH8htvA_d_KGsfJzza-z0s',
  ],
  'apps/v1beta2 ControllerRevision': [
    'hxiPEytDGux0C2cEQHhfoAxQxJOaNMH38Rt9nfVKlAI',
    '0yzEU74B1K0S3_cL-CpZ0mW9mv0UX4j1_zirP3XAMHQ',
  ],
  'apps/v1beta2 DaemonSet': [
    'SGtFnXW5t9vp9syy1RoffXN49ggCyiB5bJKNKZxnkw4',
    'bTOM0n4beE90IZu7dF4G8ITENPUhUcnJsY18HCId7GU',
  ],
  'apps/v1beta2 Deployment': [
    'k33Y2PU8eYbSZN7tGIk-FFihVXFomsxABT0wneuUD9k',
    'vHGvPtWbfgiuPdb64Ql9vTJOGr3uAyVmkjdrX1M5J6s',
  ],
  'apps/v1beta2 ReplicaSet': [
    'zU8RGCvIqwiChirEyDUTVBBaEADNRCC6hRqCbVfYzLk',
    'KppDoMU6pQorV3FHV39ufxOU2Tx-igZfyM-8vNeyhsE',
  ],
  'apps/v1beta2 Scale': ['iAFfbnZyPEb_EA3zqs-Fgpvdoi7JB0JkMRAPT6waajI', 'qUPhTpi1WUqWYbcP8uJlaS3ayA6ctBFZkkzWqIOg464'],
  'apps/v1beta2 StatefulSet': [
    'MydieW2FCZGQyN5Scb9herVPVtqgtKkofpaBEtw5eLc',
    'tn5bafk04dR4Ss2Wy2ahyXL9tePNDRzL7IrGpQqEkzY',
  ],
  'authentication.k8s.io/v1 SelfSubjectReview': [
    'cjDkLzQZfx0XaWY-NtmVlt3vObahobNVOUKWI2Xddsw',
    '3vufzHlf428veQ647ITl1fztgzE16P_KDCJ57hPyjGM',
  ],
  'authentication.k8s.io/v1 TokenRequest': [
    'QSsRXgznymPSOAuUd698YtALAkxqZBf357QHwDIwFgg',
    'P5hTRFuD68yqjt5xvhwdCqTP98gtrh2c5_ED97DTl80',
  ],
  'authentication.k8s.io/v1 TokenReview': [
    '2a8aWWg9Pm2fzO9V6eJewJrlUdvgxZ-hAkj2vG-I-wg',
    '2Nx8j0kP6HCnTNB3sGBE4QpGnMtCHt3dtkLXqeoklgE',
  ],
  'authentication.k8s.io/v1beta1 SelfSubjectReview': [
    'JNWqpXOw4tAnLQ-O_zCUULB2H4XwJvJg0nht9ygl9XU',
    'm5uPC-MnzjGsvqseYUyTtLXnYy3Y4IIsoqjK-4UILcs',
  ],
  'authentication.k8s.io/v1beta1 TokenReview': [
    'AIw6Gsgy0pwqa67AO0g-qu3IoWnUt3DGt91Uv8quXrM',
    'lzvMhudKI0jotW7wXli7gVrdNwM-cqU8N3EsmkBMEmA',
  ],
  'authorization.k8s.io/v1 LocalSubjectAccessReview': [
    'Odu6-9COrkyxFKZFeaCCJr8q583YKiYa8AHlakcAxRc',
    'hc73ThX2qPGY-YhFX2yoECsQCsXZeRYf8lw5HEF5oyI',
  ],
  'authorization.k8s.io/v1 SelfSubjectAccessReview': [
    '0V5CRJQ2Dl8Ipu8hD8EERcoSTwlQ9hkhOHsIM7M4m9Y',
    'gG9Htg1wmetIgsMfcAtr4pjlzQItnYCOxuSaj7NIHDc',
  ],
  'authorization.k8s.io/v1 SelfSubjectRulesReview': [
    'xZ6gb8I1WMZxpUFZrIixYi7eea6QF5XY5un-T-1RBec',
    'EM68P4wC-xrPFA6XiQ0xvCZnal3O7wc40gEwX0yGlc0',
  ],
  'authorization.k8s.io/v1 SubjectAccessReview': [
    'Z2mOLu4Xcr-7Td7NyExUOaMptiFBlWX_mPnbXtiTYs4',
    'Gjkhe3__TxmMDq2qqsNA6dXCmxAFkRvtonuPMDAoSy0',
  ],
  'authorization.k8s.io/v1beta1 LocalSubjectAccessReview': [
    '028d3c6ud590IvFdjI_aEf1eT1KpKVOkah0rXFOjEqw',
    '6jE-3dJxAKNN3DRoegd4izOcYSTmafdv1N6TIz8A1Mc',
  ],
  'authorization.k8s.io/v1beta1 SelfSubjectAccessReview': [
    'P7bbFXtyS42RRHyiuRc7aMA7LJTxN9fIsy1hUQ_G_uU',
    'T6H778TaFHCDu7E6VRNxxUKhtquWDsMeQQOG8Vc3edo',
  ],
  'authorization.k8s.io/v1beta1 SelfSubjectRulesReview': [
    'gBBDGEdIZYPWT193egCWvcbXMtzqUlBwHK5ERhauyYM',
    '5lXtLDAzBGXTTJv35VL2hV3RG6KDqWF4qYGj23M6zsw',
  ],
  'authorization.k8s.io/v1beta1 SubjectAccessReview': [
    'tdMTsxoZ5D6-_mee78w6PMCg1Wugirckl7_rJtLPkok',
    'V8eqSNcdvuZd9jTDgbjI-MWrJ82-Qb_mJr21z2JZoaw',
  ],
  'autoscaling/v1 HorizontalPodAutoscaler': [
    'VHDMTRjSZIVpCBeqATa0BQXzA8lYi7J6Tf2wez6o-KU',
    'tVmxhtLkelk3tN3Bax5ZuOtuIkG7G3hfZKv61WB6lTE',
  ],
  'autoscaling/v1 Scale': [
    'EZ4rHR040Jc6eCP5hsvpPim6aoh9JpE9OHEfOz12okQ',
    '-2u0AVIprwhDS57EHzufGaXBJrSFyIJEadhR9J8fkUY',
  ],
  'autoscaling/v2 HorizontalPodAutoscaler': [
    'CNi2YX1whCKEfzYKqUZ6fMbVrC2wglmPNkHwOaWV2bw',
    '1TMCYO2ICoMEgsUn32UTGOOzn06MiDBJGaL90ZTZ7fE',
  ],
  'batch/v1 CronJob': ['Jj02P3fwqoaJABqvn7GjQbQ3WgYXh_C8En2NlX1urgU', 'Zhhs_8i4WHiriK5pT-YPlKGcDrDoxrRSciJTB1PWk1A'],
  'batch/v1 Job': ['8hoSOuYRbclIf8y-kjSgEFOiKlFNiix19lpIB0oyclA', 'wRQj0CBAgIw63oe4I9KNjy-IuJAQTBBDa-h4ab7RdyE'],
  'batch/v1beta1 CronJob': [
    'XTxL03T_ZhxMpYAEv0Gr_rh7glrWUA6mOVswtjP_T_Q',
    'x8ppBltL-Pqsi5_j9TKLnIcPm0NDamnHVOsPpsFKWpU',
  ],
  'certificates.k8s.io/v1 CertificateSigningRequest': [
    'z1lg5onox1rynVHMQYph6ybP1Wx1rob3x3Dw6aodY0k',
    '0gDbbPiRSCgU2XgzjfSCfr2sOdgujw4OFkm3Tg0BgYw',
  ],
  'certificates.k8s.io/v1 ClusterTrustBundle': [
    'KUS_SxCu1MU3OWnu6Q5oJEZ2eLwN3-PwPjtz1dm5wdM',
    '7yTSBY4_GgM7ZxQEwzk40YaWtlY4bKOfoYO-K0LfliQ',
  ],
  'certificates.k8s.io/v1 PodCertificateRequest': [
    'rIwAQkXh8O53pbi7PHB2b9IlX6FMfQjC5ZrsQebtKMg',
    'OyCzzVt_sPq1TmaiQD1MmTVvSeNqmchqSFMlYBwNjqY',
  ],
  'certificates.k8s.io/v1alpha1 ClusterTrustBundle': [
    'DpHwaQ0flUjUOETceDwMfNebRDcBe0AiS7gRRy5TnAk',
    'CU7mi3wn0Ojw4dhQBT3qn-3THUrvD8IJ1lUCpk4XECg',
  ],
  'certificates.k8s.io/v1beta1 CertificateSigningRequest': [
    'HrGYIZHABnFSp9eBeb6OP3RvpSoN2wTa7iffldrH5Mc',
    'uRHJGihgjc-D9qmSaHAxmErWw7LQy2CTyTfB6aou6CU',
  ],
  'certificates.k8s.io/v1beta1 ClusterTrustBundle': [
    'ud-GtJyd8jWrJRYdR1Qwg4bj-UlnsrQGyBh5TshDmY8',
    'WyMqfuKSHMHEAL0sEsubQMyOGBI0tZQOPXvI8X90YHw',
  ],
  'certificates.k8s.io/v1beta1 PodCertificateRequest': [
    'IA88zpmmLkL3WQ8t6Qy8KZzoCyo_2q_W_CzYFXNpkJE',
    'TWy-D51h4tR1s-FHZDRWu6DDGR5P4wzAiLQaUCQ-TVk',
  ],
  'coordination.k8s.io/v1 Lease': [
    'OIx9IfWlEJ7UfYcZnsDQm-Ky7uUXSK2bAtdvRGCcSkI',
    'dwRl12aNu0545z79FoD8HO5Opw9gOnvWzN0i6enL9JQ',
  ],
  'coordination.k8s.io/v1alpha2 LeaseCandidate': [
    'jq8PbVYDy8dt_zmSq41dAqiXvGn8z3-2eLeG7g1ybuc',
    'QjNXDdq2Jd7GGJIl0oLfBctOtmdgb1saN4wIGBRS9t8',
  ],
  'coordination.k8s.io/v1beta1 Lease': [
    'leLmDMSEev28U_9wJ3OUfANbmx_ovi33pz4Rc0dvK5c',
    'ks66MxXG-53NjDIJ6ZlVAajFimUZeKjbLrAFTIxhl-g',
  ],
  'coordination.k8s.io/v1beta1 LeaseCandidate': [
    'DJGMeShw4iTcgOJeMezi__xZBGYxMSwtXXzX1AryGGQ',
    'IOIM5ejHZiYCjW9CubQrQx2HB9NMTRDA1hYxacyuXsg',
  ],
  'v1 APIGroup': ['VMne_jdP9A0UozZ-jOD7J4DLibAmaLwcIdaV6sYX83w', 'RnKqgZJN3K8Zv5inHsuzhBY-QzJ-jgygvvhUj_EZ1x0'],
  'v1 APIVersions': ['IXNkPV6rk0VoRajvXT8wfxRxccPmkpJvYVkdwIy4m1A', 'Y056FBH0mGdz8eOyVqiwt37_LYwVcJlpR9XEOeYNXrU'],
  'v1 Binding': ['iAkRTt9X7WWQgmScseDQ4j6w6XCv8d6APk3wyNjClhM', 'OAYCJyEUHBeiRjq65OsIFaF3qmL4LiepxY8haHtSKAM'],
  'v1 ComponentStatus': ['LmTbgceGr_khINtfY04jvLFdpwCGQZVQMOYBwYLgVcI', 'nlaIAjKAu0RHh8RrL8qCxEQ5SnHYhLt1rv4H5_zKsD4'],
  'v1 ConfigMap': ['jxuTGy5CX1y5w5p_a_XcsOUq_3vEWSxKlCkcJSAxc1A', 'hApLd30rqLktIwg9aYca2OsdnCov_dptuyfDKDkCkzk'],
  'v1 CreateOptions': ['HqFH4uBfdGrDY1kBpEvq92Q94BF0CQWLGfQTwbMjlgc', 'xgSfBhVuNmPWCNlzgwVVM0A5DMWI6j3DF7UwLXRGthU'],
  'v1 DeleteOptions': ['9pFtem_dalNrkh6vuCq0OmZaB90lqHst1J4FeTyi4Zc', 'uBLcjOJCqkab-UUAwJGshzPDkhR3ZSyKu1wJmrhwsgM'],
  'v1 Endpoints': ['RDrANNl5PB5GIgFNC9MRbqxdIGibK7D3e5bUgVHhgxA', 'kstq78C_3kVHygVZ8IZXWbE35ydb-nL5XD93DAVsUE8'],
  'v1 Event': ['X_6ismPFfqXiZR9gu8LXWSqjddg0x4zpPnIJOJ1ihtI', 'neroCVdWY5bp7cA43175sZ2SYTV-TY74Q6YWgvWlugI'],
  'v1 GetOptions': ['1Dcf7MESFs3Mf4Wb2q1XgAAGKw1zook4oEyfoQQF3OY', 'VFiC_-e6G5BxElIm5yQaz_I9v3ibE4aNPFX7ZBHdgQo'],
  'v1 LimitRange': ['uVJBsUPQhaFWkpIN7TiBbe8PhAaiIi71pNK1GIAUA6M', 'Ghge8hkRPFecMknHIXl7eNQ_coomrU1_WzbesXvwDbw'],
  'v1 ListOptions': ['nLMUkllYW9aUJYZajlL5URputpf1UIxWH9fAbw7nCFk', 'LRq479Zk4RmevYcsuMelsIf3W3nDwygFmMU-pNJflKA'],
  'v1 Namespace': ['0fq7SWMbhcBfDNPQaLepe1qES3hIGJDAMHEkAa2OWWs', 'Uv8kQE0mPvU1T_hTKxMA0JXP9FESL7qCWhhwlz8U5dk'],
  'v1 Node': ['ckkhGmcM3vIFGleWMXNqOihSOahZ81Kp5CV33M_0hRg', 'QKGeGid75vCeYGJvGafxFTXkPWiG38kYUnjt4oAPRdc'],
  'v1 NodeProxyOptions': ['ey89-nNlY1QyYxLVfYVcCIPujFvuCkrtXK4VLLFU-AU', 'N5djJDqaD_drY4KXc_47Bckhyo2y9RE4_CfY7k2Pi20'],
  'v1 PatchOptions': ['fDwZ2WuUoX_oZl1qA7WPf-1NdtDubmTMD1N1VjEz2QI', 'FTWvkQwzq5O8TU-0VhL7ea5aBQ4n9fdYDgfhWvp1ciI'],
  'v1 PersistentVolume': ['Fp8bVjjD_ftHYoVRJtYClRnBt-FjO-yMnw2RkQ4BjxA', 'NUXb4Y78jRMvIMIbbabdEYynpntsVKeZZlKvjBqoI1E'],
  'v1 PersistentVolumeClaim': [
    'hH0IsSWMQnN6N4EfWCbs1DYA9DGL-SyErkidJLUkLiE',
    'fVK7H6DVrlv5ZHLu_U8WnUX15gS6GMmDHWRzCCSGbVg',
  ],
  'v1 Pod': ['O97soO2WVf7kDU3gF95ia2WxidzeYtU_TxhzkDAXUDg', '7OaNipxscNCwegN72a_mr2dyyxZsmCp3ltmeTbrES64'],
  'v1 PodAttachOptions': ['dR3S9XB_A-uZBFGpE8Ye84KQ1EK5Q06X7YmytdoMD6E', 'c-jn3wTMhU3Kjj4Ns3vnX4I-FO4dFxI5R6ZOi7IHSlY'],
  'v1 PodExecOptions': ['RBGRW-z7KR7EWkVTxHLwb7H4HROPu7uGNG0PQHNW7hM', 'MKhHolWx6gCB-vDtHlTxdThrqK9PBNem5CIPD_VuobA'],
  'v1 PodLogOptions': ['Ot9Ggpxvkle8FgPtYxAx-Uri0NWoDLVNaBS-w0hHc5g', 'n_PnDSvwfdKwL_F-hVU9iLXsoRyAFzm5Eifxh_debpY'],
  'v1 PodPortForwardOptions': [
    '0KatZwIzIip0iqUt3zHFAB6uKIQe0uZk57w0mb51O0s',
    '0jRmp5jJP-HNJ_dzRWRWM-tkPd5ZcZZQI8OJ-TNKwjE',
  ],
  'v1 PodProxyOptions': ['sMLhk6yu6optArzc9YEWLLN8nFOfjeZbhTp3j59s0NU', '9jsH196LE3WOx56HfDWMuhDN1rcX9WGfPZbEe7urck8'],
  'v1 PodStatusResult': ['wjdnOZo-U0hl6xIB3qs9d3j-qshDoC7M26ObEK_kfBc', 'DdH1D0JucCm4uyuLkBDrMknYAo5tgIqIQ9kCR3qzH3M'],
  'v1 PodTemplate': ['R8y2OFlbOvB0RTvpANIECjBf-fc9e-04Bk2Xh1DrKEY', 'RTSpJ_KFp6V7n85apyOeQVt0hhZQJVUeMNTfbf_6YJs'],
  'v1 RangeAllocation': ['5MXT5v-GhCXdWUNkmIRvb40fzFc5PfNjWVQavqgrd5Y', 'Rsyv4HgFUCo8mdC_nuFBeTYtTWJvhTukBVrDpXbztsY'],
  'v1 ReplicationController': [
    'FnL7MPDdVS4LAujPfejcBM0VjgKD_qXpeixQhE7lyJs',
    'PXElavXBlqkSnkgEDDqW0zUZK0Atpki39NCg5AGp2ag',
  ],
  'v1 ResourceQuota': ['cJZb6ZSSV9i30TaVdBJO3ti9okMGLqT8VoqhmuaRco0', '4p5ob9i_LE05ncgsDdXeCw-wPI3SgmqshR0gdvBYDPM'],
  'v1 Secret': ['vcszqODCC5AtHabItTXmSEO4Kd9Rha2l_aiuQq1fTPQ', 'NBnrfBfBgx_CsQYEhsn6IR_czagWUkQbD9xhN0ilGjw'],
  'v1 SerializedReference': [
    'z8Nc8CDRnrNRDYp_aDihbpLtrVzCr112z0sMBghkMWQ',
    'EJC5-Z0kLmxvHc7p02GboJN1Hq_IMuc7tS5JTHK9MiY',
  ],
  'v1 Service': ['5gjYG7NiejI_zkdQ3Mz61rIq9J8TRgSpicPQdUgVWuw', '95WZUI-PqrPO1nD1gZiMdOsrgbzZlS9fDTo9mGMhxi4'],
  'v1 ServiceAccount': ['SatzFkas-w--tp3rhNm8eI7ma2yYrDYm9z4SXAQXLcg', '3H6GvTcEsf6LNs-ZS14ibxgn7Je9goxpHFFAO8Cdr8g'],
  'v1 ServiceProxyOptions': [
    'zFhsEUGKT05pvQf8bsG1KKZFV5Q91Cx6Bx4tn0nUeEE',
    '611hsHcOL5Ln7ZWE90fE-rX1h4z73V77aul7FaQGXjQ',
  ],
  'v1 Status': ['FztJj3Igoab41DurCOooIwzaBByBWhvKoodnhv6sIKk', '949FZNp5MJirRQyacyxXnVK8IhcgwZcNRzctYi6hME4'],
  'v1 UpdateOptions': ['mm4uJS9SmuAKO1TeVEoohfyb9otmjufB6siX5SubHv0', 'JbBtblLVOSQQBkCRVAY0n1gAZP5pG7yEQnkjtRrOutY'],
  'v1 WatchEvent': ['rPnoIww87rhWoS9D_4Znh8CwM4y3U5P8TaSrxxZ-xlQ', 'ohXTE4sTUV3e3T4MfIKez3uwRwfgPNsP2deapPmdmhw'],
  'discovery.k8s.io/v1 EndpointSlice': [
    'n6cn2L8R-7btMZPlE7lIbUypSIDC6bRAyOm1bIAMeqQ',
    '0xzK4lA0zhz5IB1xvXku7K3Cxsh0ww3S5NR6SOM7Nwo',
  ],
  'discovery.k8s.io/v1beta1 EndpointSlice': [
    'gh4eRoh51alB3jtdMQQ7xFiCXOHXX1zUl9uyvCG_0-k',
    'gnyGdJtVtspwo7N-GF2hAED0ljFYIbTS3TnxSDOpgcI',
  ],
  'events.k8s.io/v1 Event': [
    'zXi7O6gDgoAtd4GRk8xzAp4WrFBWsooP9NSGXwY-s1E',
    'uv1B1zazPvMxHYvLOp1O-qByfYkfpNcqfBu9VmdzJGc',
  ],
  'events.k8s.io/v1beta1 Event': [
    'Exb7FwsfytuZ56CgnyXzn0g3x4G-WlGilmyz1emCgs4',
    'AoxKClZRxmbvVN3eMmZ88Js-vzk9cLb5nKlE5FDgbMw',
  ],
  'extensions/v1beta1 DaemonSet': [
    'cz-f5CNM2Yn4ELRDOB1lD13nUA5hxTIYyiNuS9Uo41I',
    'Z2beE3hZwwheR9ZFjJ1yILNpyEYpzcYYGyyjqwLyQLQ',
  ],
  'extensions/v1beta1 Deployment': [
    'pvdAvaHNE36KlxcuQKw2CEHGl9RH8NzsXcyBpE35Oe0',
    'NPkNb7a6TjwoXKNoXbstehlUazWEvV9Qt-95xvk6he0',
  ],
  'extensions/v1beta1 DeploymentRollback': [
    'QuDVDCxxlVIgTEXKM7aKlE1olG7eMTAYcMhhX1z1vZw',
    '43spuj4pQioFxFb7H0xaotcZiJ5liO4A_s4pYB6vY7w',
  ],
  'extensions/v1beta1 Ingress': [
    'c1rfHMSimSCOuXUnemVc-zCVYG-TiXblJ3pxHE_ypBg',
    'hZhwpV1ehc8UUEBIcyg2mqimAwKy5M0jZVLhndjKRQI',
  ],
  'extensions/v1beta1 NetworkPolicy': [
    'p_iqZTBRjtJcM4R3pkLp4wO9e08FwODPKrA10zc9cjM',
    'afW3ZjoeRlTfJycAx4Qff2ZUlpOx0gmOKAPGaQkLF5g',
  ],
  'extensions/v1beta1 ReplicaSet': [
    'EWYt7rD3oaPqcX0Iz_0_aqkHy5QtOdqxxluMvjPmBNc',
    'jsKo4_X5zrxbknoEJ9cFTngRj7E8L3ABKH_-KvLVE9U',
  ],
  'extensions/v1beta1 Scale': [
    'OWlIWpXcjgYQwg7dsaIJlXXl1PU2ia9a8_VwBHqdy2Y',
    'Yc6ZisbEfcVYqgv4ZGgMtWjtLJAPqaT1PXWmyzSsDL8',
  ],
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': [
    'rPi1zuUAb_tN4amYGxjqD6cn4e4E-ZZuqfZDBQ8MBKI',
    'E6y8qcD4RxN4D37eRFyOM2f2E7lmR8F7VshcZXeti2c',
  ],
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': [
    'X7C9szKSGB5pVP1QS_amWaY0EyXuRKgzkVf6Qo2TFv0',
    'qdUEzvun9gDTxtvKMCEU_IydcrPbSNZpaW08QB-pLcQ',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema': [
    'n2Bo4a9Y_BDjerBcRXOQ1IdQeidzbvYphyzLFP4uzLg',
    'jFHzQuH591Ehym4m4ybZEu1lV6p-VpCGOCRTHHXZv1I',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration': [
    'QO-JKLgNARTi40z9L6cMeodWn9Vqf8T2vy33a-C0JAA',
    'ZJ1XF9e0qjYXE-RXqW2ujzMlIAeED6LuAj4x5d0fOqE',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema': [
    'V7VkFbLhqgnTJ6_fbGxFbVotvm5r5zULouV0RGA69wE',
    'AFFGdJ8f3tu87vZXQcn30jyk5JJTD2wJRXrXEnUPdH0',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration': [
    'ac-cs2Mx3F_pUiHJ38Z0dHn845FPqdh2dcAranF9UnM',
    'Qkp1_f_CsV5Ikv75zHlHIPkW0v-oLmEDQgcYSHGMCs0',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema': [
    '5vHhRFaylu82z2lSYDSmExe_uZJALgyI4fbUvLbxM-c',
    'qfTplo531WoBN4Odud4FbX9Cza4Iej2Dor3ddigzgxo',
  ],
  'flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration': [
    'jvdyyXF-jRdB3yuuv0HQ8bfLyl6-NM43HJdjafgGvko',
    '9TaR_D0fKbyK7YFRebVhmKznwcAZqgdSavw2I8mUwk0',
  ],
  'imagepolicy.k8s.io/v1alpha1 ImageReview': [
    'xwqvlycaU3BEgS7UpLeRdtnKVG0uatNpobVM6oVuERA',
    'fG5I6nabS2kiTCvOXrV1kTcmrvBANV2NlGEYXV8Qpvs',
  ],
  'internal.apiserver.k8s.io/v1alpha1 StorageVersion': [
    '3GIFRU3nbVV-g73ManMAKQYVuhxwl6lhTvjm_Ii3RgU',
    '-gzniCm_IGaI0EZait6qcWVXfGFc8_fGX6DsTdkkcOI',
  ],
  'networking.k8s.io/v1 IPAddress': [
    'BfaaHpycLDelOvCdDzwYJazGyuRN2ZVEmhJdZCeTnFg',
    'WFxYsqNljYdD7M4wgeXozHX6h0EdGJjGxay_VglbQPw',
  ],
  'networking.k8s.io/v1 Ingress': [
    'OWDWbj3sLfyLiPnw-bzh1Q7qtb9TO9muFzUoE6mmoXs',
    '7EM4u5GVrNyXKuHXQgdEUOS3Va7Xcu3xy7M2DNZztCk',
  ],
  'networking.k8s.io/v1 IngressClass': [
    'tQ_3ttuAm-Vd0VaOtuFrFXWBwyt3b2Q8t2lWGsO7S8E',
    'CYkHlpPcyo4OBSye_K6y8eMHweoQhe3iHnc7Wmqhv28',
  ],
  'networking.k8s.io/v1 NetworkPolicy': [
    'Y1InThIEFguAEO9Sax-Pg2F_h2T2WyuL-xcOsy1OERs',
    'z17aPF53fLxPuev-EcNo1ItpFTb33PXXvuFNt8EZC1U',
  ],
  'networking.k8s.io/v1 ServiceCIDR': [
    '_n_e5I553oCWZYNv9istpZml-_dULCB-xoebyqonByA',
    'qf4S8Cx_4WLQqO71fYDyvzxD1AbflAcFokmnUAXB1Ss',
  ],
  'networking.k8s.io/v1beta1 IPAddress': [
    'tth0Z44Ohutg1QeV8-ThA0UeGqz42TcnOmsALO7KQTw',
    'maQihMOueBdV6P-WWhYejdHXyUyBZjJNYAzUCp5yHJw',
  ],
  'networking.k8s.io/v1beta1 Ingress': [
    'QcUu1IsiLQzj3Py7sm50U-FluqPRJQ5ieJGiy74xMiE',
    'qwzRZE9ZMzlsU30L_4GjMeFKyHS_okkvikdD8AmL-as',
  ],
  'networking.k8s.io/v1beta1 IngressClass': [
    'mbTS3HvRx-lOEUuNNJ4Mp7jviZW0G1Pgd6VBnTW0xss',
    '4m85Kh_fkg2-jX13SeGjiCgI4YFvMjl4b-t0DIFLCGE',
  ],
  'networking.k8s.io/v1beta1 ServiceCIDR': [
    'cGqcwZrK3Lwhgza3sfXeuXS4iDQ3UKm9k4fvwJYLJc0',
    'BOdVU4a8-k_DZqnJzeTM_8nAodqZzOItkHd4vRpAuMc',
  ],
  'node.k8s.io/v1 RuntimeClass': [
    'gK6vBk2IWGZCQtQlWKO6fAZ1SvYeUsmxINrceSMV8NU',
    'tq71Qb1PgBYoUytiK5LBWcDomM29zPq6DELIkpCFCY0',
  ],
  'node.k8s.io/v1alpha1 RuntimeClass': [
    'Pwmxn7EBxs0HmuGw4WfigmEZeyaJNJQ50nogPJYiqKs',
    'LFUUVMJeFDdSlxDEbaiBI1dPflNa5RaJ3l6ti93BX5w',
  ],
  'node.k8s.io/v1beta1 RuntimeClass': [
    'I_RYov_uTAEF3irHaXfSy2g9d9rQESOZqvlI1UE8AZY',
    '4TU_92UKeIeGtz2OzDIkMnot6Z-qtUw3cz1ZHoWti50',
  ],
  'policy/v1 Eviction': ['EwYWDErlIYomooe7KJq0pbwIhHDjXReCqXkEHQGN4bU', 'QayM_kLrU7LKnDC9QVhW2onNRtnNW_s4ch_Uz12BH7c'],
  'policy/v1 PodDisruptionBudget': [
    'QrNvPLQM-2VWdPR-2ZKmIR0We0kZz5m0tfn9nMHU0io',
    'wgSyDr4S5lTlUyneCp0OpCMz0D3OE-8yA6hJSQXNles',
  ],
  'policy/v1beta1 Eviction': [
    'ywVZVG34_g7cfmTuR6gSPJAUpRSfv8dZFwQrN_JU8rQ',
    'f9Aavv2XGigapvN3kafg54-lW61JSMgn89twhdvuk50',
  ],
  'policy/v1beta1 PodDisruptionBudget': [
    '9PpxB-2bBWwjvol_TzxzqrkZ5caliqCxOyuZMHwpWco',
    'R9o0y9UAq16C2hf9wkKfelj8VuS5bAmbSxq93PpeHXs',
  ],
  'rbac.authorization.k8s.io/v1 ClusterRole': [
    '9-yGvCsDW59_I9FwHqZbTVkVUz3U2eOWh3xw6GlYaQI',
    'K36XU_rD42LdV-SK4yiW58tk-0mW5uJCB2ahnvpzfe0',
  ],
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': [
    '3YMX7V8jSLv-bdfH915g4GFn6aeRkdfH1XikCuUzc_s',
    'yuIz_jNCkYyrXFB5-Z0v9zxC7W2iC1hz-sGmVCrabvA',
  ],
  'rbac.authorization.k8s.io/v1 Role': [
    'Mx9NUmWagEDfbWVwgblDrRFkStItCCVR-O8wOcORgrg',
    'N1vNuN9RNgQAj-xLO5QohrHSdONEEeSmHbSHFXFmgds',
  ],
  'rbac.authorization.k8s.io/v1 RoleBinding': [
    'gQ4V8ikBqE-AEh6PmRhgXnUZT8xmAbdgUoZ-aZz5h5I',
    'aO-5Ul9ksuXkEqu1o8a1fz25jRjgXAAlsCkZz3yFEJU',
  ],
  'rbac.authorization.k8s.io/v1alpha1 ClusterRole': [
    'RElN9ueaGTt6mFFK7BO7UIKIuerNcviBZ_rh5SGzaU4',
    'pswYCaxP40oqAoXx2m5mCJtp65deK0fJtaG62Kuzc3M',
  ],
  'rbac.authorization.k8s.io/v1alpha1 ClusterRoleBinding': [
    '3TUDau_1m4b1OBHSxTxA27TgO2C9zyXXZInK8Jp_Rs0',
    'uEScpnvEj-Uj02lpfjT0k2TUfcwXTXcAexqV_mAaFx0',
  ],
  'rbac.authorization.k8s.io/v1alpha1 Role': [
    '7NXSxyieCY3KzseXvhLf87GXUHjc2nxy-H88TkZ4Uh0',
    '5tg_DUzPML0yQCHlxUWAmGM-sqEyoBRL1Ll57AqULxo',
  ],
  'rbac.authorization.k8s.io/v1alpha1 RoleBinding': [
    'ssqx4i7pA5AwtE-iAsjny0WAbyRZ96q9RPgIAWN15MM',
    'luBTHVvBnlEWK6LUSwqa5J9Vs5PNHs1pfCBBKOW-x7o',
  ],
  'rbac.authorization.k8s.io/v1beta1 ClusterRole': [
    'n4rsLAdyi-s5v42HGdaAFulA75ZqtXNXrZPliFcjjBY',
    '98A1opwH2dYw31zbBpaOWxXLXpp9OY5jEPOua7G3Uc8',
  ],
  'rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding': [
    '_JAJWkm0UllMLLMvORhK-JiT0a1pSh9uvCzln2_Ykg0',
    'ymLPbBnLZ9K1waf10ykj5D4fXhR-plJTgwesbIDMG7o',
  ],
  'rbac.authorization.k8s.io/v1beta1 Role': [
    'd-ngCE-BBbu8yE164x3HMHXVByIzKFQ7qe0ildtboPs',
    '2GCXnIh1zOpWJr6aLf0k-uAcymfEMhyyJM-w6DARMBw',
  ],
  'rbac.authorization.k8s.io/v1beta1 RoleBinding': [
    '6VyJG4PNNTi0mj6qjjl9rYJ6iNjUloW9YSSMES85m9E',
    'mpqWHcBiomrqAgh5BzRccpCSymP03ASqfZptlXbnoMA',
  ],
  'resource.k8s.io/v1 DeviceClass': [
    'fw9rSC32amNYrRkYnv_Tqir-qki7G0kFIGdf28GAAxs',
    'wYByDrCApLfyAs0Hq0GSBmLu83d1HjszJKzqpXmva3E',
  ],
  'resource.k8s.io/v1 ResourceClaim': [
    'fm9FVHCo5tnL-rPXhDxiK13qjk1SdXTriaMehsaOEWQ',
    'f3wS0MUE6Trs6yo20zNg7z4rgq1_f7BLIrGzXROhz-w',
  ],
  'resource.k8s.io/v1 ResourceClaimTemplate': [
    '7eV6TzJeNb12bj66zLHmacuPUfiDhij0uG86YWPYZ8o',
    'SfDnPrwgrrUlZb6vmuXtO7AbLH39jXw5IxnQZcp3spc',
  ],
  'resource.k8s.io/v1 ResourceSlice': [
    't8uD-yVts6npOx1Zmkzm_3ClU3eMkh8kPmPdfHHAzBM',
    'Tjr0eRwfbRvETC2MR1OJZifeorzANVcmpnK--R2FbiI',
  ],
  'resource.k8s.io/v1alpha3 DeviceTaintRule': [
    'OxSzs5iNceYnKuMoGZY3P8jxXV9Rk7tMgw2cHG8feFs',
    'YJCAnUX0j13iqNtN-uFTeOAZd_NbIntIg56FkyvPYq0',
  ],
  'resource.k8s.io/v1alpha3 ResourcePoolStatusRequest': [
    'oQqdRGT61jMBJ3CslYfQlpJQx1PxA7H_NH_cF20BHh4',
    '7OimHUvA0F041shdhbDZs_lu8KHHkyOZ942trVaGChc',
  ],
  'resource.k8s.io/v1beta1 DeviceClass': [
    '6Px8lEJrNFAltlrcnavMufjYhTYJPv9mQEgSpfk2oLQ',
    'ksFNz4bHsiNPyblyweSjj5xuIIQ4FTtE5b85R9uR8Zc',
  ],
  'resource.k8s.io/v1beta1 ResourceClaim': [
    'v34gR2rdNM2txvqmzfF8moyzVTxFecMlpbNBu4NYHXY',
    'hBRXet0B-ajHwguYmJA_BXMinwjePlQ0Z7Yk5tLnDq8',
  ],
  'resource.k8s.io/v1beta1 ResourceClaimTemplate': [
    'BBkosHCAc5ov2ExpEjKkh9vwkPyN5-pMOSgjWlPm_IU',
    'jh1wtkbLh2z8fhF_CYJ4EUhwc7y4al1WsY17tCZTp_g',
  ],
  'resource.k8s.io/v1beta1 ResourceSlice': [
    'rQjPp7KWHPAV_PwM-GtoCQGszowiUgcuvCoByVQv6H8',
    'ltazFvHhNnBhvj2gdxl2TOrXGRprOQy4FbrvkOvopBY',
  ],
  'resource.k8s.io/v1beta2 DeviceClass': [
    'I7S85y7e7oEtZtZCQW-jWvAkOr7Ksmi4HdOy1E8AV64',
    '7w-aCEqb_Z2jyNpXgMniMmJv39-fK_gLr9LM2I8pmz8',
  ],
  'resource.k8s.io/v1beta2 DeviceTaintRule': [
    'VkwoAWm5pG5Td9nSVyHHLLcf3Up6ECSKQim2dBgTuNY',
    'YkDGEqTAIgtVpldLwJbTgXEaN7TGk1S2GyXTAjINEE0',
  ],
  'resource.k8s.io/v1beta2 ResourceClaim': [
    'YD4LgCTNf-cLvXGZCoiw1R2q-S8Rjdhhf1HTyMiAZBw',
    'KDrVTKb7rLKTbt-b8GHOhNFpIb_cqWvw_9N3WQJzKDI',
  ],
  'resource.k8s.io/v1beta2 ResourceClaimTemplate': [
    'SY13nUJOzIhQsHzHi-yKB8XFS1hYPPruug7IgizYpLQ',
    'iL_828VxsxwaMUZeabBb5u2CQOVI0tmKILJSvB64NjU',
  ],
  'resource.k8s.io/v1beta2 ResourceSlice': [
    'ioJFTVb0eR9NgZfbyNAqswaoxd2ftDUDR834pBCnsq0',
    'NhYdEnKRmBl-70ZvLbByRaj_bs7E4nwpbAIBKp6tECQ',
  ],
  'scheduling.k8s.io/v1 PriorityClass': [
    'yQd59QM3ThV0ILDJVTX4UaPcNkrCfnkFFEFuX7RM2e4',
    'OqGcYJiz9_MiADQBhYHXgeWdUaGs_DfcWnsRxFHCudA',
  ],
  'scheduling.k8s.io/v1alpha2 PodGroup': [
    'Fm3ZFZk5Zlu98GyD-MFyXhtz1dIZPyZd8cID6ARgjM8',
    'IGtnLf-9t7TW_KSxwk2qsXsk0YUuYxDVDl2DvDKq5rY',
  ],
  'scheduling.k8s.io/v1alpha2 Workload': [
    'lnKXvcBsDzLRv0SHFrKVbw7qpngc_-VuJjdc5Q4ehlM',
    't2a7OklTwrCVNGpfwuLg24jPxeeP_jDXJbltgOVYRw0',
  ],
  'scheduling.k8s.io/v1beta1 PriorityClass': [
    '1MvFFOQciKCh6GB555LkN0dXKPHo3TRfwwDvRMODVss',
    'Y5mrmhlJGxlbGk46o43I6grpmFUrKaj1LbbiUeS04dM',
  ],
  'storage.k8s.io/v1 CSIDriver': [
    'WAkkCSnGuAkXwbWp4eoVCiHOFDEFXZcl4b8S8qvDOYc',
    'pzMbyzlH-YRBFF0zKfAut7TxcdC0qHR_nJIZgx_RkWU',
  ],
  'storage.k8s.io/v1 CSINode': [
    'PmDTWJFUDW1cbV7Uzer5t_RZMZrttS3OvilwzjbLoDM',
    'DM9VUhI32FN8QkqRTZP_-nAj5bAmXxiAFzCmVCo4fts',
  ],
  'storage.k8s.io/v1 CSIStorageCapacity': [
    'EQDBHjoXuwWszfEts9MNaaG08EYG0pDY0mBU4IW2LjI',
    'uYhI38y1NPeCTYJsabb23JKgqaKZ96HA9QRIti4icK8',
  ],
  'storage.k8s.io/v1 StorageClass': [
    'lNPrD87OszjYUPV_EjF-uikw8xhq215V6Hs98DJzS2o',
    'wgLn2GHmb5A2IU3_vCw_XMfBuOOt0UKEbLboEnOhRu0',
  ],
  'storage.k8s.io/v1 VolumeAttachment': [
    '-sbWcjuDrrbwBSi6_1V52nrAm7TSFggrjPWdEaibtyk',
    'mqCgamonnrSnn044umLmiD7DS4PQ9Che60x22sko8mw',
  ],
  'storage.k8s.io/v1 VolumeAttributesClass': [
    'kZ_at40HSUTRrYCf3PUEKQhB-SOdPdJTBeNjQ8Lf790',
    'wLwFtc40wOKKyVe3oBDdeBWFWdy_VkZubYwO6taDqoU',
  ],
  'storage.k8s.io/v1alpha1 CSIStorageCapacity': [
    'qlTF6oM7atFG23KF4hu2b9V7daYGgBoOB4CDcQ6DnM8',
    'v1nTDC4GgTb4IO5YRtbHOfL0ud0s9ftSXBkpUJI4hwQ',
  ],
  'storage.k8s.io/v1alpha1 VolumeAttachment': [
    'aR_VCG-yS6t2Fvu0hHhTilQS3-gzPSxnDjhwdlplwlE',
    '8O8g5pW8ArCRiJ8utpyosxssrSc8NAohktQRs74i6i0',
  ],
  'storage.k8s.io/v1alpha1 VolumeAttributesClass': [
    'cqopelgVXTGoWQsAw_4JjRT5FHy8_lTsT8Ts9T3mepA',
    '3DVliGzkXew2e8m6bKp47ndyw8BPfUb3ecDI5T1_go4',
  ],
  'storage.k8s.io/v1beta1 CSIDriver': [
    'eVeXLCmiUOoyNTrxGs_xbhy4ymu8nrnIsRa8i5O6gjA',
    'CGqV7ZN_TkssUAm_aN0iUdYy7pir7N0f83JzcxJJ7VY',
  ],
  'storage.k8s.io/v1beta1 CSINode': [
    'yikUcJGomSu3XCwmy7anq3Ce_UZvm-wibxoOMyAJkkc',
    'XD7UsJ_NzTatHn1FdD0mfqszRRLoBHKb5Rrnm3yGDzM',
  ],
  'storage.k8s.io/v1beta1 CSIStorageCapacity': [
    'SJIZGzB5KUxLd3O88kMCg-vVtTh6vqf_n83nlO6m9no',
    'cu6Q7_dtnldA5IwQ6vorT2mI_oYHEq-xbQdm03Paf0M',
  ],
  'storage.k8s.io/v1beta1 StorageClass': [
    'eDMvVRhQjObY1Xl9Qh-1sfRRr78twjeBTUxh33xoHNs',
    'YCh2SmXPlFwGOiWqtGtHdT-Z2IFXf0Y6nQoOqhpX_1A',
  ],
  'storage.k8s.io/v1beta1 VolumeAttachment': [
    '0EchwsL8yfgLI995wgu579hXoUnvtQNIdvXHJLRlIfg',
    'tLbAyb0IIq-DOGsgQSsQHNokB1wCvQhcxslRe-bQXCY',
  ],
  'storage.k8s.io/v1beta1 VolumeAttributesClass': [
    '5-7yE4cWe-eNP7y_ervu3ZZvj0inUe2fCh-ex2RFKMM',
    'BapeY0-7NO88sSLiZusX3tDgepv3iWseo3Zo9VuLKcw',
  ],
  'storagemigration.k8s.io/v1beta1 StorageVersionMigration': [
    'MWadQFrFgWHRnhKffMR6dgn4JQFP7Odf5ohmLH8AdbI',
    'nGBiufj01NjBG055ibSC6n0vi8BmQOwMbGG8jqWeS1Y',
  ],
};
