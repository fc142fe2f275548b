// What every program begins with: the number type, and values in device memory.

// Products and sums are rounded one by one, as the vocabulary says, unless FMA is written.
#pragma OPENCL FP_CONTRACT OFF

#ifdef DOUBLES
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
typedef double real;
#define LARGEST DBL_MAX
#else
typedef float real;
#define LARGEST FLT_MAX
#endif

#if defined(DOUBLES) || defined(FP_FAST_FMAF)
#define FMA(a, b, c) fma(a, b, c)
#else
#define FMA(a, b, c) mad(a, b, c)
#endif

// A value is memory, the place of its first element, and the distance between its rows (all axes
// but the innermost are rows): a slice of some channels differs from a whole value in numbers only.
#define IN(type, name) __global const type *name, const int name##_start, const int name##_stride
#define OUT(type, name) __global type *name, const int name##_start, const int name##_stride
#define AT(name, row, channel) ((name) + name##_start)[(row) * name##_stride + (channel)]

// Values that may be kept in another type than they are computed in. Halves are read and written by
// functions that every device has, with or without cl_khr_fp16.
#ifdef HALVES
#define stored half
#define LOAD(name, place) vload_half(place, (name) + name##_start)
#define STORE(name, place, value) vstore_half_rte(value, place, (name) + name##_start)
#else
#define stored real
#define LOAD(name, place) ((name) + name##_start)[place]
#define STORE(name, place, value) ((name) + name##_start)[place] = (value)
#endif
#define GET(name, row, channel) LOAD(name, (row) * name##_stride + (channel))
#define PUT(name, row, channel, value) STORE(name, (row) * name##_stride + (channel), value)

// Results that may be kept as they were computed though their operands are stored in halves.
#ifdef WIDENED
#define kept_type real
#define KEEP(name, row, channel, value) AT(name, row, channel) = (value)
#else
#define kept_type stored
#define KEEP(name, row, channel, value) PUT(name, row, channel, value)
#endif

// The larger one; NaN counts as larger than every number.
inline real larger(real a, real b) { return a != a ? a : (b > a || b != b) ? b : a; }

// The smaller one; NaN goes through.
inline real smaller(real a, real b) { return a != a ? a : (b < a || b != b) ? b : a; }

// Whether a later value takes the place of the largest so far; equal ones do not.
inline int beats(real value, real largest) {
  return value > largest || (value != value && largest == largest);
}
