// Moves elements from one walk to another; what they mean does not matter, only their size.
#include "prelude.cl"
#include "walk.cl"

#define VISIT(axis) ADVANCE(x, axis); ADVANCE(y, axis);

__kernel void move(
    WALKED_IN(ELEMENT, x), WALKED_OUT(ELEMENT, y), const int8 extent, const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  int rest = i;
  BEGIN(x);
  BEGIN(y);
  WALK
  HERE(y) = HERE(x);
}
