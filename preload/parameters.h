/*
 * parameters.h: expands the parameter lists of schema/calls.def, `n, (type, name, type, name …)`, into declarations, names, or values
 * cast from six longs.
 */
#ifndef PRELOAD_PARAMETERS_H
#define PRELOAD_PARAMETERS_H

#define DECLARE(n, params) DECLARE_##n params
#define DECLARE_1(t1, a) t1 a
#define DECLARE_2(t1, a, t2, b) t1 a, t2 b
#define DECLARE_3(t1, a, t2, b, t3, c) t1 a, t2 b, t3 c
#define DECLARE_4(t1, a, t2, b, t3, c, t4, d) t1 a, t2 b, t3 c, t4 d
#define DECLARE_5(t1, a, t2, b, t3, c, t4, d, t5, e) t1 a, t2 b, t3 c, t4 d, t5 e
#define DECLARE_6(t1, a, t2, b, t3, c, t4, d, t5, e, t6, f) t1 a, t2 b, t3 c, t4 d, t5 e, t6 f
#define DECLARE_7(t1, a, t2, b, t3, c, t4, d, t5, e, t6, f, t7, g) t1 a, t2 b, t3 c, t4 d, t5 e, t6 f, t7 g

#define NAMES(n, params) NAMES_##n params
#define NAMES_1(t1, a) a
#define NAMES_2(t1, a, t2, b) a, b
#define NAMES_3(t1, a, t2, b, t3, c) a, b, c
#define NAMES_4(t1, a, t2, b, t3, c, t4, d) a, b, c, d
#define NAMES_5(t1, a, t2, b, t3, c, t4, d, t5, e) a, b, c, d, e
#define NAMES_6(t1, a, t2, b, t3, c, t4, d, t5, e, t6, f) a, b, c, d, e, f
#define NAMES_7(t1, a, t2, b, t3, c, t4, d, t5, e, t6, f, t7, g) a, b, c, d, e, f, g

/* Declares and fills the parameters from w[0..5]. */
#define UNPACK(n, params) UNPACK_##n params
#define UNPACK_1(t1, a) __attribute__((unused)) t1 a = (t1)w[0];
#define UNPACK_2(t1, a, t2, b) UNPACK_1(t1, a) __attribute__((unused)) t2 b = (t2)w[1];
#define UNPACK_3(t1, a, t2, b, t3, c) UNPACK_2(t1, a, t2, b) __attribute__((unused)) t3 c = (t3)w[2];
#define UNPACK_4(t1, a, t2, b, t3, c, t4, d) UNPACK_3(t1, a, t2, b, t3, c) __attribute__((unused)) t4 d = (t4)w[3];
#define UNPACK_5(t1, a, t2, b, t3, c, t4, d, t5, e) UNPACK_4(t1, a, t2, b, t3, c, t4, d) __attribute__((unused)) t5 e = (t5)w[4];
#define UNPACK_6(t1, a, t2, b, t3, c, t4, d, t5, e, t6, f) UNPACK_5(t1, a, t2, b, t3, c, t4, d, t5, e) __attribute__((unused)) t6 f = (t6)w[5];

#endif
