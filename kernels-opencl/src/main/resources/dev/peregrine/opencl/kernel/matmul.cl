// The product of two matrices, either of them read transposed.
#include "prelude.cl"
#include "tile.cl"

#ifdef TRANSPOSE_A
#define A(i, k) AT(a, k, i)
#else
#define A(i, k) AT(a, i, k)
#endif
#ifdef TRANSPOSE_B
#define B(k, j) AT(b, j, k)
#else
#define B(k, j) AT(b, k, j)
#endif

__kernel __attribute__((reqd_work_group_size(THREADS, 1, 1)))
void multiply(
    IN(real, a),
    IN(real, b),
    OUT(real, y),
    const int rows,
    const int columns,
    const int depth) {
  LOCAL_TILES
  const int first_row = get_group_id(0) * TILE_M;
  const int first_column = get_group_id(1) * TILE_N;
  for (int slice = 0; slice < depth; slice += TILE_K) {
    LOADING for (int load = 0; load < LOADS_A; load++) {
      const int element = thread + load * THREADS;
#ifdef TRANSPOSE_A
      const int m = element % TILE_M;
      const int k = element / TILE_M;
#else
      const int m = element / TILE_K;
      const int k = element % TILE_K;
#endif
      const bool exists = first_row + m < rows && slice + k < depth;
      PUT_A(k, m, exists ? A(first_row + m, slice + k) : 0);
    }
    LOADING for (int load = 0; load < LOADS_B; load++) {
      const int element = thread + load * THREADS;
#ifdef TRANSPOSE_B
      const int n = element / TILE_K;
      const int k = element % TILE_K;
#else
      const int n = element % TILE_N;
      const int k = element / TILE_N;
#endif
      const bool exists = first_column + n < columns && slice + k < depth;
      PUT_B(k, n, exists ? B(slice + k, first_column + n) : 0);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY_TILES
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  EACH_SUM({
    const int row = first_row + tile_row;
    const int column = first_column + tile_column;
    if (row < rows && column < columns) {
      AT(y, row, column) = value;
    }
  })
}
