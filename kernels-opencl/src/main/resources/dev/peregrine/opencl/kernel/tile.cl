// The heart of every matrix product here: a group of work items computes one TILE_M x TILE_N tile
// of C = A B. Slices of A and B, TILE_K deep, are brought into local memory, whoever needs them;
// each work item keeps THREAD_M x THREAD_N sums in registers, spread over the tile.
//
// What a row of A or a column of B is, and where they come from, is the including kernel's matter.
#define THREADS_M (TILE_M / THREAD_M)
#define THREADS_N (TILE_N / THREAD_N)
#define THREADS (THREADS_M * THREADS_N)

// One column more than needed: neighbouring work items then write to different memory banks.
#define A_PITCH (TILE_M + 1)
#define B_PITCH (TILE_N + 1)

// How many elements of a slice each work item brings.
#define LOADS_A (TILE_M * TILE_K / THREADS)
#define LOADS_B (TILE_N * TILE_K / THREADS)

#define LOCAL_TILES                             \
  __local real a_tile[TILE_K * A_PITCH];        \
  __local real b_tile[TILE_K * B_PITCH];        \
  const int thread = get_local_id(0);           \
  const int thread_m = thread / THREADS_N;      \
  const int thread_n = thread % THREADS_N;      \
  real sum[THREAD_M * THREAD_N];                \
  for (int s = 0; s < THREAD_M * THREAD_N; s++) { \
    sum[s] = 0;                                 \
  }

// Adds the product of the slices to the sums.
#define MULTIPLY_TILES                                            \
  for (int k = 0; k < TILE_K; k++) {                              \
    real left[THREAD_M];                                          \
    real right[THREAD_N];                                         \
    _Pragma("unroll") for (int m = 0; m < THREAD_M; m++) {        \
      left[m] = a_tile[k * A_PITCH + thread_m + m * THREADS_M];   \
    }                                                             \
    _Pragma("unroll") for (int n = 0; n < THREAD_N; n++) {        \
      right[n] = b_tile[k * B_PITCH + thread_n + n * THREADS_N];  \
    }                                                             \
    _Pragma("unroll") for (int m = 0; m < THREAD_M; m++) {        \
      _Pragma("unroll") for (int n = 0; n < THREAD_N; n++) {      \
        sum[m * THREAD_N + n] = FMA(left[m], right[n], sum[m * THREAD_N + n]); \
      }                                                           \
    }                                                             \
  }

// Runs the code for each sum: its row and column within the tile.
#define EACH_SUM(CODE)                                            \
  _Pragma("unroll") for (int m = 0; m < THREAD_M; m++) {          \
    const int tile_row = thread_m + m * THREADS_M;                \
    _Pragma("unroll") for (int n = 0; n < THREAD_N; n++) {        \
      const int tile_column = thread_n + n * THREADS_N;           \
      real value = sum[m * THREAD_N + n];                         \
      CODE                                                        \
    }                                                             \
  }
