// Walking through values of several axes: each work item is one element of the walked shape, whose
// axes are counted from the innermost. A step along an axis moves some rows and some channels
// through each value; 0 repeats, a negative number reverses, a larger one skips.

#define WALKED_IN(type, name) \
  IN(type, name), const int2 name##_first, const int8 name##_rows, const int8 name##_channels
#define WALKED_OUT(type, name) \
  OUT(type, name), const int2 name##_first, const int8 name##_rows, const int8 name##_channels

// The place of the first element: some rows and some channels in.
#define BEGIN(name) int name##_place = name##_first.x * name##_stride + name##_first.y
#define ADVANCE(name, axis) \
  name##_place += at * (name##_rows.s##axis * name##_stride + name##_channels.s##axis)
#define HERE(name) ((name) + name##_start)[name##_place]

// VISIT(axis) advances all values by `at` steps along an axis.
#define ALONG(axis)                  \
  {                                  \
    const int at = rest % extent.s##axis; \
    rest /= extent.s##axis;          \
    VISIT(axis)                      \
  }
#if RANK > 4
#define WALK ALONG(0) ALONG(1) ALONG(2) ALONG(3) ALONG(4) ALONG(5) ALONG(6) ALONG(7)
#elif RANK > 2
#define WALK ALONG(0) ALONG(1) ALONG(2) ALONG(3)
#else
#define WALK ALONG(0) ALONG(1)
#endif
