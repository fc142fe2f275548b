// One function of one, two or three values, element by element, small ones repeated.
//
// FUNCTION is the function, ARITY how many values it takes.
#include "prelude.cl"
#include "activations.cl"
#include "walk.cl"

#if ARITY == 1
#define OPERANDS WALKED_IN(stored, a)
#define BEGIN_OPERANDS BEGIN(a);
#define VISIT(axis) ADVANCE(a, axis); ADVANCE(y, axis);
#define RESULT FUNCTION(LOAD(a, a_place))
#elif ARITY == 2
#define OPERANDS WALKED_IN(stored, a), WALKED_IN(stored, b)
#define BEGIN_OPERANDS BEGIN(a); BEGIN(b);
#define VISIT(axis) ADVANCE(a, axis); ADVANCE(b, axis); ADVANCE(y, axis);
#define RESULT FUNCTION(LOAD(a, a_place), LOAD(b, b_place))
#else
#define OPERANDS WALKED_IN(stored, a), WALKED_IN(stored, b), WALKED_IN(stored, c)
#define BEGIN_OPERANDS BEGIN(a); BEGIN(b); BEGIN(c);
#define VISIT(axis) ADVANCE(a, axis); ADVANCE(b, axis); ADVANCE(c, axis); ADVANCE(y, axis);
#define RESULT FUNCTION(LOAD(a, a_place), LOAD(b, b_place), LOAD(c, c_place))
#endif

inline real power(real a, real b) { return b != b ? b : pow(a, b); }

__kernel void map(OPERANDS, WALKED_OUT(stored, y), const int8 extent, const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  int rest = i;
  BEGIN_OPERANDS
  BEGIN(y);
  WALK
  // y may be the very memory of an operand: each work item reads before it writes.
  STORE(y, y_place, RESULT);
}
